"""Samples with any number of labels: read, trained, scored and predicted."""

import json

import numpy as np
import pytest
from PIL import Image

import zoo
from zoo import tasks
from zoo.cli.main import run
from zoo.datasets import label_sets
from zoo.datasets.dataset import Split
from zoo.datasets.label_sets import make_multi_label_dataset
from zoo.errors import DatasetError
from zoo.tasks.baselines import Baseline
from zoo.tasks.label_scores import f1, label_scores

NAMES = ("red", "green", "blue")


def picture(sets, generator):
    pixels = (generator.random((9, 9, 3)) * 60).astype("uint8")
    for place, name in enumerate(NAMES):
        if name in sets:
            pixels[3 * place : 3 * place + 3, :, place] = 230
    return Image.fromarray(pixels)


def draw(folder, count=60):
    """Pictures with a stripe of each colour that they are labelled with."""
    generator = np.random.default_rng(0)
    folder.mkdir(parents=True)
    rows = []
    for i in range(count):
        sets = [name for name in NAMES if generator.random() < 0.5]
        picture(sets, generator).save(folder / f"{i}.png")
        rows.append((f"{i}.png", sets))
    return rows


def write(path, header, rows):
    lines = [",".join(map(str, row)) for row in (header, *rows)]
    path.write_text("\n".join(lines) + "\n")
    return path


def kinds(data):
    return {finding.kind: str(finding) for finding in data.findings}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("stripes")


@pytest.fixture(scope="module")
def rows(folder):
    return draw(folder / "images")


def stripes(x):
    """The labels that the pixels show."""
    return np.stack(
        [x[:, 3 * k : 3 * k + 3, :, k].mean(axis=(1, 2)) > 150 for k in range(3)], 1
    )


@pytest.mark.parametrize("separator", [";", "|", " ", "; "])
def test_labels_in_one_column(folder, rows, separator):
    table = [(name, separator.join(sets)) for name, sets in rows]
    data = zoo.load_dataset(write(folder / "sets.csv", ("file", "labels"), table))
    assert data.task == "multi_label" and data.labels == ("blue", "green", "red")
    for split in data.splits.values():
        assert split.y.dtype == np.float32
        np.testing.assert_array_equal(split.y[:, ::-1], stripes(split.x))
    assert sum(len(split.y) for split in data.splits.values()) == len(rows)
    assert "files in 'file', labels in 'labels', separated by" in kinds(data)["files"]
    assert "3 labels, " in kinds(data)["label_sets"]


@pytest.mark.parametrize(("yes", "no"), [(1, 0), ("yes", "no"), ("True", "False")])
def test_a_column_for_each_label(folder, rows, yes, no):
    table = [(name, *[yes if n in sets else no for n in NAMES]) for name, sets in rows]
    data = zoo.load_dataset(write(folder / "flags.csv", ("image", *NAMES), table))
    assert data.task == "multi_label" and data.labels == NAMES
    for split in data.splits.values():
        np.testing.assert_array_equal(split.y, stripes(split.x))
    one = zoo.load_dataset(folder / "flags.csv", target="red")
    assert one.task == "classification" and one.num_classes == 2


def test_one_label_a_file_is_classification(folder, rows):
    table = [(name, "red" if "red" in sets else "no red") for name, sets in rows]
    data = zoo.load_dataset(write(folder / "one.csv", ("file", "class"), table))
    assert data.task == "classification" and data.labels == ("no red", "red")
    np.testing.assert_array_equal(data.test.y, stripes(data.test.x)[:, 0])


def test_a_number_a_file_is_regression(folder, rows):
    table = [(name, len(sets) + 0.5) for name, sets in rows]
    data = zoo.load_dataset(write(folder / "number.csv", ("file", "count"), table))
    assert data.task == "regression" and data.targets == ("count",)
    expected = stripes(data.test.x).sum(axis=1) + 0.5
    np.testing.assert_array_equal(data.test.y[:, 0], expected)
    table = [(name, len(sets), 2 * len(sets)) for name, sets in rows]
    path = write(folder / "numbers.csv", ("file", "one", "two"), table)
    assert zoo.load_dataset(path, task="regression").targets == ("one", "two")
    with pytest.raises(DatasetError, match="which column is to be learned"):
        zoo.load_dataset(path)


def test_rows_without_a_class_are_left_out(folder, rows):
    table = [(name, "" if i < 3 else "ab"[i % 2]) for i, (name, _) in enumerate(rows)]
    data = zoo.load_dataset(write(folder / "gaps.csv", ("file", "class"), table))
    assert sum(len(split.y) for split in data.splits.values()) == len(rows) - 3
    assert kinds(data)["missing_targets"].startswith("3 of 60 rows have no target")


def test_a_column_of_splits(folder, rows):
    splits = ["train"] * 40 + ["Val"] * 8 + ["test"] * 12
    table = [
        (name, part, ";".join(sets))
        for (name, sets), part in zip(rows, splits, strict=True)
    ]
    data = zoo.load_dataset(write(folder / "s.csv", ("file", "split", "labels"), table))
    assert [len(split.y) for split in data.splits.values()] == [40, 8, 12]


def test_a_column_of_groups(folder, rows):
    table = [(name, f"p{i % 5}", ";".join(s)) for i, (name, s) in enumerate(rows)]
    path = write(folder / "groups.csv", ("file", "patient", "labels"), table)
    data = zoo.load_dataset(path, group="patient", test_group="p3")
    assert len(data.test.y) == 12
    expected = [sets for i, (_, sets) in enumerate(rows) if i % 5 == 3]
    held = [[n for n in NAMES if n in sets] for sets in expected]
    found = [
        [n for n, is_there in zip(NAMES, row, strict=True) if is_there]
        for row in stripes(data.test.x)
    ]
    assert found == held


def test_missing_files_are_counted(folder, rows):
    table = [(name, ";".join(sets)) for name, sets in rows] + [("none.png", "red")]
    path = write(folder / "missing.csv", ("file", "labels"), table)
    with pytest.raises(DatasetError, match="1 of 61 files are missing, .* line 62"):
        zoo.load_dataset(path)


def test_options_of_sounds_have_no_meaning_for_pictures(folder, rows):
    table = [(name, ";".join(sets)) for name, sets in rows]
    path = write(folder / "options.csv", ("file", "labels"), table)
    with pytest.raises(DatasetError, match="`rate` has no meaning .* names pictures"):
        zoo.load_dataset(path, rate=8000)
    assert zoo.load_dataset(path, size="6x4", colour="grey").input_shape == (4, 6, 1)


def test_a_table_of_names_that_are_no_files_is_a_table(tmp_path):
    table = [(f"{i}.png", i / 2, "ab"[i % 2]) for i in range(30)]
    path = write(tmp_path / "a.csv", ("name", "size", "label"), table)
    with pytest.raises(DatasetError, match="another text in most rows"):
        zoo.load_dataset(path)


def test_texts_with_several_labels(tmp_path):
    words = {"sport": "the team won a game", "money": "the bank took a loan"}
    rows = []
    for i in range(60):
        sets = [label for k, label in enumerate(words) if i >> k & 1] or ["sport"]
        rows.append((f"{' and '.join(words[s] for s in sets)} {i}", "|".join(sets)))
    data = zoo.load_dataset(write(tmp_path / "a.csv", ("text", "topics"), rows))
    assert data.task == "multi_label" and data.labels == ("money", "sport")
    for split in data.splits.values():
        for text, y in zip(split.x, split.y, strict=True):
            assert y.tolist() == [float("bank" in text), float("team" in text)]


@pytest.mark.parametrize(
    ("y", "complaint"),
    [
        (np.zeros((6, 2)), "no training sample has the labels 'a' and 'b'"),
        (np.ones((6, 2)), "every training sample has the labels"),
        (np.full((6, 2), 0.5), "a sample has a label, 1, or not, 0. Received: 0.5"),
        (np.zeros((6, 3)), r"numbers of shape \(samples, 2\), .* Received: float64 of"),
        (np.zeros(6, int), "Received: int64 of shape"),
    ],
)
def test_sets_that_cannot_be_learned(y, complaint):
    with pytest.raises(DatasetError, match=complaint):
        make_multi_label_dataset("a", ("a", "b"), Split(np.zeros((6, 2)), y))


@pytest.mark.parametrize(
    ("cells", "are_sets"),
    [
        (["a;b", "c"], True),
        (["a|b", ""], True),
        (["a b", "a", "b"], True),
        (["New York", "Los Angeles", "Paris"], False),
        (["a, b", "a", "b", "c"], True),
        (["a", "b", "a"], False),
    ],
)
def test_which_cells_hold_sets(cells, are_sets):
    assert label_sets.are_label_sets(cells) == are_sets


def test_scores_are_those_of_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics")
    generator = np.random.default_rng(2)
    truth, logits = generator.random((50, 4)) < 0.3, generator.normal(size=(50, 4))
    data = zoo.Dataset(
        "a", *[Split(logits, truth.astype("float32"))] * 3, tuple("wxyz"), "multi_label"
    )
    found = tasks.get("multi_label").assess(logits, data)
    predicted = logits > 0
    for average in ("micro", "macro"):
        expected = metrics.f1_score(truth, predicted, average=average)
        assert found.metrics[f"{average}_f1"] == pytest.approx(expected)
    expected = metrics.accuracy_score(truth, predicted)
    assert found.metrics["subset_accuracy"] == pytest.approx(expected)
    table = metrics.precision_recall_fscore_support(truth, predicted)
    for k, each in enumerate(found.details["classes"]):
        figures = [each[name] for name in ("precision", "recall", "f1", "samples")]
        assert figures == pytest.approx([column[k] for column in table])


def test_figures_that_are_divided_by_zero_are_none():
    truth = np.array([[True, False], [False, False]])
    first, second = label_scores(truth, np.zeros((2, 2), bool), ("a", "b"))
    assert (first["precision"], first["recall"]) == (None, 0.0)
    assert (second["recall"], second["f1"]) == (None, None)
    assert f1(truth * 0, truth * 0) == 0.0


def test_the_baseline_is_the_commonest_set():
    y = np.array([[1, 1], [1, 1], [0, 1], [1, 0]], "float32")
    data = zoo.Dataset("a", *[Split(y, y)] * 3, ("a", "b"), "multi_label")
    method = 'always "a", "b", the commonest set of labels'
    expected = Baseline("micro_f1", 2 * 6 / (6 + 8), method)
    assert tasks.get("multi_label").baseline(data) == expected


def test_a_classifier_of_one_label_refuses_sets(folder, rows):
    table = [(name, ";".join(sets)) for name, sets in rows]
    path = write(folder / "refused.csv", ("file", "labels"), table)
    with pytest.raises(DatasetError, match="is for multi label; it has no classes"):
        zoo.train("maxout_mlp", dataset=path, epochs=1)
    with pytest.raises(DatasetError, match="is for classification, its samples"):
        tasks.get("multi_label").encode(zoo.load_dataset("digits"), {})


@pytest.fixture(scope="module")
def trained(folder, rows):
    table = [(name, ";".join(sets)) for name, sets in rows]
    path = write(folder / "train.csv", ("file", "labels"), table)
    return zoo.train("lenet5", dataset=path, epochs=12, output=folder / "run")


@pytest.mark.slow
def test_it_is_trained_and_scored(trained):
    assert trained.metrics["micro_f1"] > 0.9 > trained.details["baseline"]["value"]
    assert [each["name"] for each in trained.details["classes"]] == sorted(NAMES)
    found = zoo.evaluate(trained.directory)
    assert found["micro_f1"] == pytest.approx(trained.metrics["micro_f1"])


@pytest.mark.slow
def test_it_answers_by_name(trained, folder, capsys):
    generator = np.random.default_rng(9)
    picture(["red", "blue"], generator).save(folder / "new.png")
    capsys.readouterr()
    assert run(["predict", str(trained.directory), str(folder / "new.png")]) == 0
    header, row = capsys.readouterr().out.splitlines()
    assert header.split("\t") == ["input", "labels", "blue", "green", "red"]
    assert row.split("\t")[1] == "blue;red"
    command = ["predict", str(trained.directory), str(folder / "new.png"), "--json"]
    assert run(command) == 0
    (answer,) = json.loads(capsys.readouterr().out)["predictions"]
    assert answer["labels"] == ["blue", "red"]
    assert answer["indicators"] == [1, 0, 1]


@pytest.mark.slow
def test_it_is_exported_and_reported(trained, folder, capsys):
    import export

    artifact = export.export_model(trained.directory, folder / "models")
    outputs = artifact.manifest["signatures"]["serving_default"]["outputs"]
    assert set(outputs) >= {"probabilities", "indicators"}
    assert list(artifact.manifest["labels"]) == sorted(NAMES)
    picture(["green"], np.random.default_rng(9)).save(folder / "green.png")
    capsys.readouterr()
    assert run(["predict", str(artifact.path), str(folder / "green.png")]) == 0
    assert capsys.readouterr().out.splitlines()[1].split("\t")[1] == "green"
    page = zoo.report(trained.directory).read_text()
    assert "micro_f1" in page and "green" in page
