import numpy as np
import pytest
from PIL import Image

import zoo
from tests.zoo.dataset_rows import ROWS
from zoo import tasks
from zoo.cli.main import run
from zoo.datasets import builtin
from zoo.datasets.dataset_type import dataset_types, type_of
from zoo.datasets.named import NAMED
from zoo.errors import DatasetError, UnknownNameError

rows = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)


@pytest.fixture
def samples():
    generator = np.random.default_rng(0)
    return generator.random((60, 6, 6, 1), "float32"), np.arange(60) % 3


def save(path, **arrays):
    np.savez(path, **arrays)
    return path


def write_pictures(folder, count=12, size=(6, 5), mode="L"):
    folder.mkdir(parents=True)
    for i in range(count):
        Image.new(mode, size, i).save(folder / f"{i}.png")


def test_every_dataset_type_has_a_row():
    assert {each.name for each in dataset_types()} == {row.name for row in ROWS}


@rows
def test_a_source_of_each_type(row, tmp_path):
    source = row.write(tmp_path)
    assert type_of(source).name == row.name
    data = zoo.load_dataset(source, data_dir=tmp_path)
    assert data.name == str(source)
    assert data.input_shape == row.shape
    assert all(len(split.x) == len(split.y) > 0 for split in data.splits.values())


@pytest.mark.parametrize("row", [r for r in ROWS if r.break_], ids=lambda row: row.name)
def test_a_broken_source_of_each_type_is_one_line(row, tmp_path):
    source = row.write(tmp_path)
    row.break_(source)
    with pytest.raises(DatasetError) as caught:
        zoo.load_dataset(source)
    assert str(source).partition(":")[0] in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_help_of_train_lists_every_type_and_name(capsys):
    assert run(["train", "--help"]) == 0
    # click breaks lines at hyphens, too.
    shown = " ".join(capsys.readouterr().out.split()).replace("- ", "-")
    assert all(each.help in shown for each in dataset_types())
    assert all(name in shown for name in zoo.list_datasets())


def test_registered_names():
    assert zoo.list_datasets("toy_s*") == ["toy_series", "toy_sounds"]
    assert {"digits", "iris", "xor"} < {*zoo.list_datasets()}
    with pytest.raises(UnknownNameError, match="Did you mean digits"):
        NAMED.get("digit")


@pytest.mark.parametrize(
    ("name", "shape", "sizes", "labels"),
    [
        ("digits", (8, 8, 1), (1293, 144, 360), tuple("0123456789")),
        ("iris", (4,), (80, 20, 50), ("setosa", "versicolor", "virginica")),
        ("setosa", (4,), (80, 20, 50), ("other", "setosa")),
    ],
)
def test_built_in(name, shape, sizes, labels):
    data = zoo.load_dataset(name)
    splits = (data.train, data.validation, data.test)
    assert data.name == name
    assert data.input_shape == shape
    assert data.labels == labels
    assert tuple(len(split.y) for split in splits) == sizes
    assert all(len(split.x) == len(split.y) for split in splits)
    assert all(np.unique(split.y).size == len(labels) for split in splits)


def test_splits_are_disjoint_and_the_same_each_time():
    first, second = zoo.load_dataset("digits"), zoo.load_dataset("digits")
    np.testing.assert_array_equal(first.test.x, second.test.x)
    keys = [{x.tobytes() for x in s.x} for s in (first.train, first.test)]
    assert not keys[0] & keys[1]


# A truth table has no other cases to hold out.
TRUTH_TABLES = {"and", "not", "or", "xor"}


def keys(split):
    return [x if isinstance(x, str) else np.asarray(x).tobytes() for x in split.x]


@pytest.mark.parametrize("name", sorted({*zoo.list_datasets()} - TRUTH_TABLES))
def test_no_held_out_sample_is_in_training(name):
    data = zoo.load_dataset(name)
    if data.task == "language_modelling":
        # Short lines are headings, and examples that others resemble.
        data = tasks.get(data.task).encode(data, {"length": 100})
    known = {*keys(data.train)}
    for split in (data.validation, data.test):
        assert not known.intersection(keys(split))


@pytest.mark.slow
def test_chapters_of_the_manual_do_not_repeat_a_paragraph():
    data = zoo.load_dataset("python_topics")
    text = ["\n".join(split.x) for split in data.splits.values()]
    for held_out in text[1:]:
        windows = (held_out[i : i + 100] for i in range(len(held_out) - 100))
        assert not any(window in text[0] for window in windows)


def test_a_damaged_manual_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(builtin, "_TOPICS", tmp_path / "topics.txt.gz")
    builtin._TOPICS.write_bytes(b"damaged")
    with pytest.raises(DatasetError, match="is damaged.*reinstall"):
        zoo.load_dataset("python_topics")


@pytest.mark.slow
@pytest.mark.real_data
def test_tfds(real_data):
    data = zoo.load_dataset("mnist", data_dir=real_data)
    assert data.input_shape == (28, 28, 1)
    assert [len(s.y) for s in (data.train, data.validation, data.test)] == [
        54_000,
        6_000,
        10_000,
    ]
    assert data.train.x.dtype == np.uint8


@pytest.mark.real_data
def test_tfds_text(real_data):
    data = zoo.load_dataset("tiny_shakespeare", data_dir=real_data)
    assert data.task == "language_modelling"
    assert [len(split.x[0]) for split in data.splits.values()] == [
        1_003_854,
        55_770,
        55_770,
    ]
    assert data.train.x[0].startswith("First Citizen:\nBefore we proceed")


def test_unknown_name_answers_at_once(tmp_path):
    (tmp_path / "mnist").mkdir()
    with pytest.raises(DatasetError, match=r"Did you mean mnist.*tfds build mnsit"):
        zoo.load_dataset("mnsit", data_dir=tmp_path)
    with pytest.raises(DatasetError, match="nor prepared in"):
        zoo.load_dataset("mnist", data_dir=tmp_path)


@pytest.mark.parametrize("path", ["missing.npz", "a/b/missing", "/missing/folder"])
def test_missing_path(path):
    with pytest.raises(DatasetError, match="check the path"):
        zoo.load_dataset(path)


def test_a_file_of_no_known_kind(tmp_path):
    path = tmp_path / "table.xyz"
    path.write_text("1")
    with pytest.raises(DatasetError, match="none of these: .*an .npz file"):
        zoo.load_dataset(path)


def test_npz(tmp_path, samples):
    x, y = samples
    data = zoo.load_dataset(save(tmp_path / "mine.npz", x=x[..., 0], y=y))
    assert data.input_shape == (6, 6, 1)
    assert data.labels == ("0", "1", "2")
    assert len(data.test.y) == 12


def test_npz_with_splits_and_labels(tmp_path, samples):
    x, y = samples
    path = save(
        tmp_path / "mine.npz",
        x_train=x,
        y_train=y[:, np.newaxis],
        x_test=x[:5],
        y_test=y[:5],
        labels=np.array(["a", "b", "c"]),
    )
    data = zoo.load_dataset(path)
    assert data.labels == ("a", "b", "c")
    np.testing.assert_array_equal(data.test.x, x[:5])
    assert len(data.train.y) + len(data.validation.y) == 60


def test_truncated_npz(tmp_path, samples):
    path = save(tmp_path / "mine.npz", x=samples[0], y=samples[1])
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(DatasetError, match="not a readable .npz"):
        zoo.load_dataset(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda x, y: {"x": x, "y_train": y}, "it must hold `x` and `y`.*Received: x"),
        (lambda x, y: {"x": x[:2]}, "2 samples are too few to divide"),
        (lambda x, y: {"pixels": x}, "Received: pixels"),
        (lambda x, y: {"x": x, "y": y[:-1]}, "60 samples but 59 labels"),
        (
            lambda x, y: {"x": x, "y": y - 1},
            r"labels must be in 0\.\.1, counted from 0.*-1\.\.1",
        ),
        (lambda x, y: {"x": x, "y": y.astype("complex64")}, "labels must be integers"),
        (lambda x, y: {"x": x, "y": y * 2}, "2 of 5 classes have no sample"),
        (lambda x, y: {"x": x, "y": y * 0}, "one class"),
        (lambda x, y: {"x": x[:4], "y": y[:4]}, "too few"),
        (lambda x, y: {"x": x.astype("U5"), "y": y}, "samples must be numbers"),
        (lambda x, y: {"x": x[:0], "y": y[:0]}, "no samples"),
        (
            lambda x, y: {"x_train": x, "y_train": y, "x_test": x[:, 1:], "y_test": y},
            r"samples have the shape \(5, 6, 1\), those of train \(6, 6, 1\)",
        ),
    ],
)
def test_npz_that_does_not_fit(tmp_path, samples, change, message):
    with pytest.raises(DatasetError, match=message):
        zoo.load_dataset(save(tmp_path / "mine.npz", **change(*samples)))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_nan_is_found(tmp_path, samples, value):
    x, y = samples
    x[41, 0, 0] = value
    with pytest.raises(DatasetError, match="1 of 60 samples hold NaN.*number 41"):
        zoo.load_dataset(save(tmp_path / "mine.npz", x=x, y=y))


@pytest.mark.parametrize(
    ("mode", "channels"), [("1", 1), ("L", 1), ("P", 3), ("RGB", 3), ("RGBA", 3)]
)
def test_image_folder(tmp_path, mode, channels):
    for label in ("cat", "dog"):
        write_pictures(tmp_path / "pets" / label, mode=mode)
    data = zoo.load_dataset(tmp_path / "pets")
    assert data.labels == ("cat", "dog")
    assert data.input_shape == (5, 6, channels)
    assert data.train.x.dtype == np.uint8


def test_image_folder_with_splits(tmp_path):
    for split, count in (("train", 20), ("val", 4), ("test", 6)):
        for label in ("cat", "dog"):
            write_pictures(tmp_path / split / label, count)
    data = zoo.load_dataset(tmp_path)
    sizes = [len(s.y) for s in (data.train, data.validation, data.test)]
    assert sizes == [40, 8, 12]


def test_image_folder_with_bad_pictures(tmp_path):
    write_pictures(tmp_path / "cat")
    write_pictures(tmp_path / "dog")
    bad = tmp_path / "dog" / "zz.png"
    bad.write_bytes((tmp_path / "dog" / "1.png").read_bytes()[:45])
    with pytest.raises(DatasetError, match=r"zz\.png is (truncated|not a readable)"):
        zoo.load_dataset(tmp_path)
    Image.new("F", (6, 5)).save(bad.with_suffix(".tif"))
    bad.unlink()
    with pytest.raises(DatasetError, match="more than 16 bits a channel"):
        zoo.load_dataset(tmp_path)


def test_images_of_different_sizes_get_the_median_one(tmp_path):
    write_pictures(tmp_path / "cat")
    write_pictures(tmp_path / "dog")
    assert zoo.load_dataset(tmp_path).input_shape == (5, 6, 1)
    assert zoo.load_dataset(tmp_path).findings == ()
    wide = np.repeat(np.array([[0, 200]], "uint8"), 4, axis=0)
    Image.fromarray(wide.repeat(6, axis=1)).save(tmp_path / "dog" / "wide.png")
    data = zoo.load_dataset(tmp_path)
    (finding,) = data.findings
    assert finding.what == "1 of 25 images are resized to 6 x 5 pixels, the median"
    (resized,) = (
        x for split in data.splits.values() for x in split.x if np.ptp(x) > 100
    )
    # Bilinear: black and 200 remain, but beside the edge in the middle.
    np.testing.assert_array_equal(resized[0, [0, 1, 4, 5], 0], [0, 0, 200, 200])
    np.testing.assert_array_equal(resized, resized[:1].repeat(5, axis=0))


def test_image_folder_without_pictures(tmp_path):
    (tmp_path / "cat").mkdir()
    with pytest.raises(DatasetError, match="no sub-folders with images"):
        zoo.load_dataset(tmp_path)
    write_pictures(tmp_path / "dog")
    with pytest.raises(DatasetError, match="cat holds no images; remove it"):
        zoo.load_dataset(tmp_path)


def test_image_folder_with_a_class_only_in_test(tmp_path):
    write_pictures(tmp_path / "train" / "cat")
    write_pictures(tmp_path / "train" / "dog")
    write_pictures(tmp_path / "test" / "cow")
    with pytest.raises(DatasetError, match="classes that train lacks: cow"):
        zoo.load_dataset(tmp_path)
