"""Groups that no two splits and no two folds may share."""

import numpy as np
import pytest
from PIL import Image

import zoo
from zoo.cli.main import run
from zoo.datasets.file_groups import divided_by_group
from zoo.errors import DatasetError
from zoo.inference.evaluate import evaluate

PATIENTS = [f"p{i}" for i in range(12)]


def write(path, rows=240, target="ill", header="patient,size,age,ill"):
    """Rows whose number `size` says the patient."""
    generator = np.random.default_rng(0)
    lines = [header]
    for _ in range(rows):
        patient = int(generator.integers(len(PATIENTS)))
        value = "yn"[patient % 2] if target == "ill" else f"{generator.normal():.4f}"
        lines.append(f"p{patient},{patient},{generator.normal():.3f},{value}")
    path.write_text("\n".join(lines) + "\n")
    return path


def patients(split):
    return set(split.x[:, 0].tolist())


def assert_apart(data, rows):
    parts = [patients(split) for split in data.splits.values()]
    assert all(parts)
    assert sum(map(len, parts)) == len(set.union(*parts)) == len(PATIENTS)
    assert sum(len(split.y) for split in data.splits.values()) == rows


@pytest.mark.parametrize("target", ["ill", "price"])
def test_rows_of_a_table(tmp_path, target):
    path = write(tmp_path / "t.csv", target=target)
    data = zoo.load_dataset(path, group="patient")
    assert [column.name for column in data.columns] == ["size", "age"]
    assert_apart(data, 240)
    assert {k: set(v) for k, v in data.groups.items()} == {
        part: {f"p{int(number)}" for number in patients(split)}
        for part, split in data.splits.items()
    }
    assert any(each.kind == "held_out_groups" for each in data.findings)


def test_the_groups_of_the_test_split_are_chosen(tmp_path):
    path = write(tmp_path / "t.csv")
    data = zoo.load_dataset(path, group="patient", test_group=["p3", "p4"])
    assert patients(data.test) == {3, 4}


@pytest.mark.parametrize("target", ["ill", "price"])
def test_folds_share_no_group(tmp_path, target):
    path = write(tmp_path / "t.csv", target=target)
    folds = [zoo.load_dataset(path, group="patient", fold=f"{k}/4") for k in (1, 2, 3)]
    folds.append(zoo.load_dataset(path, group="patient", fold="4/4"))
    tested = [patients(fold.test) for fold in folds]
    assert sum(map(len, tested)) == len(set.union(*tested)) == len(PATIENTS)
    for fold in folds:
        assert_apart(fold, 240)
        assert len(fold.test.y) == pytest.approx(60, abs=25)


def test_rows_without_a_target_leave_the_groups_aligned(tmp_path):
    path = write(tmp_path / "t.csv")
    lines = path.read_text().splitlines()
    lines[5] = lines[5][:-1]
    lines[50] = lines[50][:-1]
    path.write_text("\n".join(lines) + "\n")
    assert_apart(zoo.load_dataset(path, group="patient", fold="2/3"), 238)


def test_texts_in_folds_by_author(tmp_path):
    path = tmp_path / "t.csv"
    rows = [f"author{i % 6} wrote note {i},author{i % 6},{'ab'[i % 6 > 2]}"
            for i in range(60)]  # fmt: skip
    path.write_text("\n".join(["text,who,label", *rows]) + "\n")
    for fold in (None, "1/3", "2/3"):
        given = {} if fold is None else {"fold": fold}
        data = zoo.load_dataset(path, group="who", target="label", **given)
        authors = [{x.split()[0] for x in s.x} for s in data.splits.values()]
        assert sum(map(len, authors)) == len(set.union(*authors)) == 6
    path.write_text(path.read_text() + "author1 wrote on,author1,\n")
    with pytest.raises(DatasetError, match="no folds by --group, since rows"):
        zoo.load_dataset(path, group="who", target="label", fold="1/3")


def test_pictures_in_folds_by_camera(tmp_path):
    for kind in ("sun", "sea"):
        (tmp_path / "data" / kind).mkdir(parents=True)
        for i in range(20):
            pixels = np.full((4, 4), 10 * (i % 5), "uint8")
            name = tmp_path / f"data/{kind}/{kind}_c{i % 5}_{i}.png"
            Image.fromarray(pixels).save(name)
    for fold in range(1, 6):
        data = zoo.load_dataset(
            tmp_path / "data", group="*_{group}_*", fold=f"{fold}/5"
        )
        cameras = [set(np.unique(split.x)) for split in data.splits.values()]
        assert sum(map(len, cameras)) == len(set.union(*cameras)) == 5
        assert len(data.test.y) == 8


def test_files_of_a_table_in_folds(tmp_path):
    lines = ["file,who,label"]
    (tmp_path / "images").mkdir()
    for i in range(24):
        pixels = np.full((4, 4), 10 * (i % 6), "uint8")
        Image.fromarray(pixels).save(tmp_path / f"images/{i}.png")
        lines.append(f"{i}.png,w{i % 6},{'ab'[i % 6 % 2]}")
    path = tmp_path / "t.csv"
    path.write_text("\n".join(lines) + "\n")
    data = zoo.load_dataset(path, group="who", fold="1/3")
    held = [set(np.unique(split.x)) for split in data.splits.values()]
    assert sum(map(len, held)) == len(set.union(*held)) == 6


def test_a_group_in_two_given_splits_is_said(tmp_path):
    """A column of splits decides, and does not silence the groups."""
    lines = ["file,who,split,label"]
    (tmp_path / "images").mkdir()
    for i in range(30):
        Image.fromarray(np.full((4, 4), i, "uint8")).save(tmp_path / f"images/{i}.png")
        split = "test" if i % 5 == 0 else "train"
        lines.append(f"{i}.png,w{i % 6},{split},{'ab'[i % 2]}")
    path = tmp_path / "t.csv"
    path.write_text("\n".join(lines) + "\n")
    said = {f.kind: str(f) for f in zoo.load_dataset(path, group="who").findings}
    assert "6 groups stand in train and test, too" in said["shared_groups"]


def test_a_split_that_is_missing_shares_no_group_with_training(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    write(folder / "train.csv", 200)
    write(folder / "test.csv", 40)
    data = zoo.load_dataset(folder, group="patient")
    assert not patients(data.train) & patients(data.validation)
    assert "shared_groups" in {each.kind for each in data.findings}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"group": "doctor"}, "has no column 'doctor'; it has patient, size"),
        ({"group": "ill", "target": "ill"}, "'ill' is the target, and no group"),
        ({"test_group": "p1"}, "--test-group needs --group"),
        ({"group": "patient", "test_group": "p99"}, "nothing is of the group 'p99'"),
        ({"group": "patient", "fold": "1/13"}, "12 groups .* too few for 13 folds"),
        (
            {"group": "patient", "test_group": "p1", "fold": "1/3"},
            "leave --test-group out",
        ),
    ],
)
def test_groups_that_cannot_be(tmp_path, options, words):
    with pytest.raises(DatasetError, match=words):
        zoo.load_dataset(write(tmp_path / "t.csv"), **options)


def test_a_row_without_a_group_is_refused(tmp_path):
    path = write(tmp_path / "t.csv")
    lines = path.read_text().splitlines()
    lines[4] = lines[4].partition(",")[1] + lines[4].partition(",")[2]
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(DatasetError, match=r"line 5 has no 'patient'"):
        zoo.load_dataset(path, group="patient")


def test_a_class_that_one_group_holds_is_not_trained_without_it(tmp_path):
    path = tmp_path / "t.csv"
    rows = [f"p{i % 6},{i % 6},{i / 7:.3f},{'r' if i % 6 == 0 else 'yn'[i % 2]}"
            for i in range(120)]  # fmt: skip
    path.write_text("\n".join(["patient,size,age,ill", *rows]) + "\n")
    with pytest.raises(
        DatasetError, match="1 of 3 classes have no sample to train on .r."
    ):
        for fold in range(1, 4):
            zoo.load_dataset(path, group="patient", fold=f"{fold}/3")


def test_splits_of_two_groups_are_too_few():
    with pytest.raises(DatasetError, match="has 2 groups .* training, test and valid"):
        divided_by_group("x", {"train": [1, 2]}, {"train": ["a", "b"]})
    held, _ = divided_by_group(
        "x", {"train": [1, 2], "test": [3]}, {"train": ["a", "b"], "test": ["c"]}
    )
    assert len(held["train"]) == len(held["validation"]) == 1


@pytest.mark.slow
def test_folds_by_group_from_the_command_line(tmp_path, capsys):
    path = write(tmp_path / "t.csv")
    given = ["--folds", "2", "--group", "patient", "--epochs", "1"]
    output = str(tmp_path / "cv")
    assert (
        run(["train", "mlp", "--dataset", str(path), *given, "--output", output]) == 0
    )
    err = capsys.readouterr().err
    assert "12 groups, each within one fold" in err
    assert "held out" not in err
    assert run(["train", "mlp", "--dataset", str(path), *given, "--test-group", "p1"])
    assert "leave --test-group out" in capsys.readouterr().err
    other = tmp_path / "other.csv"
    lines = [line.partition(",")[2] for line in path.read_text().splitlines()]
    other.write_text("\n".join(lines) + "\n")
    assert "accuracy" in evaluate(tmp_path / "cv/folds/1", other)
