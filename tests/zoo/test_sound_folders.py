"""Folders of sounds: rate, length, groups and splits, and what is said of them."""

import numpy as np
import pytest

import zoo
from tests.zoo.sounds import tone, write, write_classes
from zoo.datasets.file_groups import (
    File,
    divided_by_group,
    groups_of,
    look_for_groups,
)
from zoo.errors import ArgumentError, DatasetError


def said(data):
    return {finding.kind: str(finding) for finding in data.findings}


def test_a_folder_of_sounds(tmp_path):
    data = zoo.load_dataset(write_classes(tmp_path))
    assert data.labels == ("high", "low")
    assert data.sampling_rate == 8000 and data.input_shape == (1600,)
    assert data.train.x.dtype == np.float32
    np.testing.assert_allclose(np.abs(data.train.x).max(), 0.5, atol=0.01)
    for x, y in zip(data.train.x, data.train.y, strict=True):
        loudest = np.abs(np.fft.rfft(x)).argmax() * 8000 / 1600
        assert (loudest > 1000) == (data.labels[y] == "high")


def test_splits_are_folders_as_for_pictures(tmp_path):
    for split in ("Training", "val", "test"):
        write_classes(tmp_path / split, speakers=(split,))
    data = zoo.load_dataset(tmp_path)
    assert {k: len(s.y) for k, s in data.splits.items()} == {
        "train": 24,
        "validation": 24,
        "test": 24,
    }


def test_the_rate_is_the_commonest_and_others_are_resampled(tmp_path):
    write_classes(tmp_path)
    write(tmp_path / "low/low_ann_99.wav", tone(300, 0.2, 22_050), 22_050)
    data = zoo.load_dataset(tmp_path)
    assert data.sampling_rate == 8000
    assert (
        "are resampled to 8,000 samples a second: 1 of 22,050"
        in said(data)["resampled"]
    )
    assert zoo.load_dataset(tmp_path, rate=4000).input_shape == (800,)


def test_the_rate_is_16_000_at_most(tmp_path):
    folder = write_classes(tmp_path, rate=44_100)
    data = zoo.load_dataset(folder)
    assert data.sampling_rate == 16_000
    assert "to 16,000 samples a second: 24 of 44,100" in said(data)["resampled"]


def test_the_length_is_a_quantile_of_training_and_the_cut_is_said(tmp_path):
    write_classes(tmp_path, count=60)
    write(tmp_path / "low/low_ann_99.wav", tone(300, 2.0))
    data = zoo.load_dataset(tmp_path)
    assert data.input_shape == (1600,)
    total = 120 * 0.2 + 2.0
    assert (
        f"{100 * 1.8 / total:.2g} % of the sound is cut, the ends of 1 of 121; the "
        "longest has 2 seconds; --seconds chooses another length." in said(data)["cut"]
    )
    assert zoo.load_dataset(tmp_path, seconds=2.0).input_shape == (16_000,)
    assert "cut" not in said(zoo.load_dataset(tmp_path, seconds=2.0))


def test_several_channels_and_cut_off_files_are_said(tmp_path):
    write_classes(tmp_path)
    write(tmp_path / "low/low_ann_0.wav", np.stack([tone(300), tone(300)], axis=1))
    path = tmp_path / "high/high_ann_0.wav"
    path.write_bytes(path.read_bytes()[:-400])
    found = said(zoo.load_dataset(tmp_path))
    assert found["mixed_channels"].startswith("1 of 24 sounds have several channels")
    assert found["cut_off"].startswith("1 sounds end before their headers say")


def test_names_that_look_like_speakers_are_said(tmp_path):
    found = said(zoo.load_dataset(write_classes(tmp_path)))
    assert "part 2 of the files' names has 3 values" in found["groups"]
    assert "'ann', 'bob' and 'eve'" in found["groups"]
    assert "--group '*_{group}_*' keeps each in one split." in found["groups"]


def test_a_group_never_stands_in_two_splits(tmp_path, monkeypatch):
    folder = write_classes(tmp_path)
    numbers = {"ann": 1, "bob": 2, "eve": 3}

    def of_its_speaker(path, rate, length):
        return np.full(length, numbers[path.stem.split("_")[1]], "float32")

    monkeypatch.setattr("zoo.datasets.read_sounds.read_sound", of_its_speaker)
    data = zoo.load_dataset(folder, group="*_{group}_*")
    held = [set(np.unique(split.x)) for split in data.splits.values()]
    assert all(held) and not any(
        a & b for i, a in enumerate(held) for b in held[i + 1 :]
    )


@pytest.mark.parametrize("who", ["ann", "bob", "eve"])
def test_each_group_can_be_the_test_split(tmp_path, who):
    data = zoo.load_dataset(
        write_classes(tmp_path), group="*_{group}_*", test_group=who
    )
    assert f"groups held out for test: {who};" in said(data)["held_out_groups"]
    assert len(data.test.y) == 8
    assert "groups" not in said(data)


def files(*names):
    return [File(f"{name}.wav", name[0], name) for name in names]


def test_groups_by_pattern():
    named = files("7_theo_0", "8_ann_12")
    assert groups_of("*_{group}_*", named) == ["theo", "ann"]
    assert groups_of("*_*_{group}", named) == ["0", "12"]
    below = files("theo/7", "ann/b/8")
    assert groups_of("{group}/*", below) == ["theo", "ann"]
    assert groups_of("{group}-*", files("s01-a.b", "s02-c")) == ["s01", "s02"]
    with pytest.raises(DatasetError, match=r"8\.wav: its name is not like '\*_\{gro"):
        groups_of("*_{group}", files("7_theo", "8"))
    with pytest.raises(DatasetError, match="must say where the group stands"):
        groups_of("theo", named)


def test_shares_of_groups():
    named = files(*[f"{i % 2}_s{i % 20}_{i}" for i in range(400)])
    groups = groups_of("*_{group}_*", named)
    splits = divided_by_group("a", {"train": named}, {"train": groups})[0]
    sizes = {part: len(found) for part, found in splits.items()}
    assert sizes == {"train": 280, "test": 80, "validation": 40}
    # One speaker has nearly all: each split has a group yet.
    groups = ["a"] * 380 + ["b"] * 10 + ["c"] * 10
    splits = divided_by_group("a", {"train": named}, {"train": groups})[0]
    assert all(splits.values())


@pytest.mark.parametrize(
    ("groups", "test_groups", "complaint"),
    [
        (["a", "b"], (), "has 2 groups .'a' and 'b'.; one or more are needed for each"),
        (["a", "b", "c"], ("d",), "nothing is of the group 'd'; there are 'a', 'b'"),
        (["a", "b", "c"], ("a", "b"), "one or more are needed for each of training"),
    ],
)
def test_groups_that_cannot_be_divided(groups, test_groups, complaint):
    named = files(*[f"1_{group}" for group in groups])
    with pytest.raises(DatasetError, match=complaint):
        divided_by_group("a", {"train": named}, {"train": groups}, test_groups)


def test_what_does_not_look_like_groups():
    numbers = files(*[f"{i % 2}_{i % 5}_{i}" for i in range(100)])
    assert look_for_groups(numbers) is None
    by_class = files(*[f"{i % 2}_{'ab'[i % 2]}_{i}" for i in range(100)])
    assert look_for_groups(by_class) is None
    single = files(*[f"{i % 2}_x{i}" for i in range(100)])
    assert look_for_groups(single) is None
    mixed = files(*[f"{i % 2}_ann{'_x' * (i % 3)}" for i in range(100)])
    assert look_for_groups(mixed) is None
    assert look_for_groups(files(*[f"{i % 2}_img_{i}" for i in range(100)])) is None


def test_groups_in_two_split_folders_are_said(tmp_path):
    for split in ("train", "test"):
        write_classes(tmp_path / split)
    data = zoo.load_dataset(tmp_path, group="*_{group}_*")
    assert "3 groups stand in train and test, too" in said(data)["shared_groups"]
    with pytest.raises(DatasetError, match="leave --test-group out"):
        zoo.load_dataset(tmp_path, group="*_{group}_*", test_group="ann")


def test_test_groups_need_a_pattern(tmp_path):
    with pytest.raises(DatasetError, match="--test-group needs --group"):
        zoo.load_dataset(write_classes(tmp_path), test_group="ann")


@pytest.mark.parametrize("options", [{"rate": 10}, {"seconds": 0.0}])
def test_options_that_cannot_be(tmp_path, options):
    with pytest.raises(ArgumentError, match=next(iter(options))):
        zoo.load_dataset(write_classes(tmp_path), **options)


def test_an_unreadable_sound_is_named(tmp_path):
    write_classes(tmp_path)
    (tmp_path / "low/low_ann_0.wav").write_text("hello")
    with pytest.raises(DatasetError, match=r"low_ann_0\.wav is not a readable sound"):
        zoo.load_dataset(tmp_path)


def test_a_class_without_sounds(tmp_path):
    write_classes(tmp_path)
    (tmp_path / "none").mkdir()
    with pytest.raises(DatasetError, match="none holds no sounds; remove it"):
        zoo.load_dataset(tmp_path)


def test_models_of_pictures_refuse_sounds_and_the_other_way_round(tmp_path):
    folder = write_classes(tmp_path)
    with pytest.raises(DatasetError, match="'mlp' takes features, no sounds"):
        zoo.train("mlp", dataset=folder, epochs=1, output=tmp_path / "a")
    with pytest.raises(DatasetError, match="'speech_cnn' takes sounds; dataset 'digi"):
        zoo.train("speech_cnn", dataset="digits", epochs=1, output=tmp_path / "b")
