"""Answers as rows of a table, and the files that they are written to."""

import csv
import json
import os

import numpy as np
import pytest

from zoo.errors import ArgumentError
from zoo.inference.answers.answerer import Answerer, outputs_of
from zoo.inference.answers.csv_writer import CsvWriter
from zoo.inference.answers.files import WRITERS, writer_of
from zoo.inference.answers.table import tabulate
from zoo.inference.answers.writer import OutputError, writing
from zoo.inference.inputs.batch import Batch
from zoo.inference.inputs.model_input import ModelInput


class Known(Answerer):
    """Answers with the sum of each sample, and remembers the shapes it was asked."""

    def __init__(self, labels=(), targets=()):
        self.takes = ModelInput("m", (None,))
        self.labels, self.targets, self.shapes = labels, targets, []

    def outputs(self, samples):
        self.shapes.append(samples.shape)
        return {"sum": samples.sum(axis=1), "same": samples}


TWO = Batch(np.zeros((2, 3)), ["x.csv"] * 2, [1, 2], kept={"id": ["a", "b"]})
SHARES = np.array([[0.25, 0.7, 0.05], [0.6, 0.1, 0.3]], "float32")


def values(columns):
    return {name: np.asarray(each).tolist() for name, each in columns.items()}


def test_samples_of_several_shapes_are_answered_in_groups_and_in_order():
    answerer = Known()
    arrays = [np.full(n, i, "float32") for i, n in enumerate((2, 3, 2, 3, 1))]
    batch = Batch(arrays, ["x.json"] * 5, range(1, 6))
    outputs = outputs_of(answerer, batch)
    assert sorted(answerer.shapes) == [(1, 1), (2, 2), (2, 3)]
    assert outputs["sum"].tolist() == [0, 3, 4, 9, 4]
    assert [len(each) for each in outputs["same"]] == [2, 3, 2, 3, 1]


def test_classes_by_name_the_most_probable_first():
    found = tabulate(TWO, {"probabilities": SHARES}, Known(("r", "g", "b")), 2)
    assert list(found) == [
        *("input", "row", "id", "label", "probability", "label_2", "probability_2")
    ]
    assert found["label"] == ["g", "r"]
    assert found["label_2"] == ["r", "b"]
    np.testing.assert_array_equal(found["probability_2"], np.float32([0.25, 0.3]))
    found = tabulate(TWO, {"probabilities": SHARES}, Known(), 9)
    assert (found["label"], found["label_3"]) == (["1", "0"], ["2", "1"])


def test_quantities_by_the_names_of_the_targets():
    predictions = {"predictions": np.array([[1.0, 2.0], [3.0, 4.0]])}
    found = tabulate(TWO, predictions, Known(targets=("price", "size")), 1)
    assert found["price"].tolist() == [1, 3]
    assert found["size"].tolist() == [2, 4]
    one = {"predictions": np.array([[1.0], [3.0]])}
    assert tabulate(TWO, one, Known(), 1)["prediction"].tolist() == [1, 3]


def test_a_forecast_has_a_row_for_each_step():
    forecast = {"forecast": np.array([[1.0, 2.0], [3.0, 4.0]])}
    assert values(tabulate(TWO, forecast, Known(), 1)) == {
        "input": ["x.csv"] * 4,
        "row": [1, 1, 2, 2],
        "id": ["a", "a", "b", "b"],
        "step": [1, 2, 1, 2],
        "forecast": [1, 2, 3, 4],
    }


def test_a_tagged_sentence_has_a_row_for_each_token():
    tokens = [["go", "home"], ["go"]]
    batch = Batch(tokens, ["x.txt"] * 2, [1, 2], ["go home", "go"])
    shares = np.array([[[0.1, 0.9], [0.8, 0.2]], [[0.3, 0.7], [0.5, 0.5]]], "float32")
    outputs = {"probabilities": shares, "tag_ids": shares.argmax(-1)}
    found = values(tabulate(batch, outputs, Known(("NOUN", "VERB")), 1))
    assert found["token"] == ["go", "home", "go"]
    assert found["tag"] == ["VERB", "NOUN", "VERB"]
    assert found["row"] == [1, 1, 2]


def test_other_outputs_have_a_column_for_each_number():
    code = {"code": np.array([[1.0, 2.0], [3.0, 4.0]]), "size": np.array([5, 6])}
    found = tabulate(TWO, code, Known(), 1)
    assert list(found)[3:] == ["code_1", "code_2", "size"]
    assert found["code_2"] == [2, 4]


def read(path):
    if path.suffix == ".csv":
        return list(csv.DictReader(path.read_text().splitlines()))
    if path.suffix == ".jsonl":
        return list(map(json.loads, path.read_text().splitlines()))
    parquet = pytest.importorskip("pyarrow.parquet")
    return parquet.read_table(path).to_pylist()


@pytest.mark.parametrize("suffix", WRITERS)
def test_a_file_of_answers(tmp_path, suffix):
    path = tmp_path / f"answers{suffix}"
    columns = tabulate(TWO, {"probabilities": SHARES}, Known(("r", "g, b", "c")), 1)
    columns["row"] = [None, 2]
    with writing(path, writer_of(path)) as writer:
        writer.write(columns)
        writer.write(columns)
        assert not path.exists()
    rows = read(path)
    assert len(rows) == 4
    assert [row["label"] for row in rows] == ["g, b", "r"] * 2
    assert float(rows[0]["probability"]) == pytest.approx(0.7, abs=1e-7)
    assert [row["row"] for row in rows[:2]] in ([None, 2], ["", "2"])
    assert list(tmp_path.iterdir()) == [path]


def test_numbers_have_the_digits_that_they_hold(tmp_path):
    path = tmp_path / "x.csv"
    with writing(path, CsvWriter) as writer:
        writer.write({"p": np.float32([0.1, 1e-9, 123456.7]), "q": [0.1, None, 2]})
    assert path.read_text() == "p,q\n0.1,0.1\n1e-09,\n123456.7,2\n"


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_a_file_appears_whole_or_not_at_all(tmp_path, error):
    path = tmp_path / "answers.csv"
    path.write_text("before")

    def write():
        with writing(path, CsvWriter) as writer:
            writer.write({"a": [1]})
            raise error

    with pytest.raises(error):
        write()
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_one_line(tmp_path):
    link = tmp_path / "answers.csv"
    link.symlink_to("/dev/full")
    with (
        pytest.raises(OutputError, match=r"answers.csv: No space left on device"),
        writing(link, CsvWriter) as writer,
    ):
        writer.write({"a": range(100_000)})
    assert link.is_symlink()
    assert not os.path.isfile("/dev/full")  # noqa: PTH113


def test_what_a_link_leads_to_is_replaced(tmp_path):
    (tmp_path / "real.csv").write_text("before")
    (tmp_path / "answers.csv").symlink_to("real.csv")
    with writing(tmp_path / "answers.csv", CsvWriter) as writer:
        writer.write({"a": [1]})
    assert (tmp_path / "answers.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text() == "a\n1\n"


def test_an_output_is_called_by_its_form(tmp_path):
    with pytest.raises(ArgumentError, match=r"must end in .csv, .jsonl, .parquet"):
        writer_of(tmp_path / "answers.xlsx")
    (tmp_path / "x.csv").mkdir()
    with (
        pytest.raises(ArgumentError, match="is a folder"),
        writing(tmp_path / "x.csv", CsvWriter),
    ):
        pass
