"""Samples that stand in two splits: counted, and left out of training on request."""

import json

import numpy as np
import pytest

import zoo
from zoo.cli.main import run
from zoo.datasets.copies import count_copies
from zoo.datasets.examined_splits import examine_splits
from zoo.errors import ArgumentError, DatasetError


@pytest.fixture
def table(tmp_path):
    """60 different rows, each of them twice."""
    rows = [f"{np.sin(i):.4f},{np.cos(i * i):.4f},{'ab'[i % 2]}\n" for i in range(60)]
    path = tmp_path / "twice.csv"
    path.write_text("p,q,label\n" + "".join(rows + rows))
    return path


def test_rows_are_dropped_from_the_training(table):
    before = zoo.load_dataset(table)
    counts = count_copies(before)
    assert counts["test"] > 0
    assert "--drop-copies" in str(examine_splits(before)[0])
    data = zoo.load_dataset(table, drop_copies=True)
    assert count_copies(data) == {"validation": 0, "test": 0}
    for part in ("validation", "test"):
        np.testing.assert_array_equal(data.splits[part].x, before.splits[part].x)
    held_out = {
        row.tobytes() for p in ("validation", "test") for row in before.splits[p].x
    }
    kept = [row.tobytes() not in held_out for row in before.train.x]
    np.testing.assert_array_equal(data.train.x, before.train.x[kept])
    np.testing.assert_array_equal(data.train.y, before.train.y[kept])
    dropped = next(f for f in data.findings if f.kind == "dropped_copies")
    total, gone = len(before.train.y), len(before.train.y) - sum(kept)
    assert dropped.what.startswith(f"{gone} of {total} training samples stand")


def test_pictures_with_several_labels_are_counted(tmp_path):
    x = np.random.default_rng(0).integers(0, 255, (40, 5, 5)).astype("uint8")
    y = np.arange(40) % 2
    x[1] = x[0]  # of another class
    x[3] = x[5]  # of the same
    np.savez(tmp_path / "t.npz", x=x, y=y)
    found = {f.kind: f for f in examine_splits(zoo.load_dataset(tmp_path / "t.npz"))}
    assert found["mixed_labels"].what.startswith(
        "1 of the samples stand in it several times"
    )


def test_texts_are_compared_as_they_are_counted(tmp_path):
    path = tmp_path / "t.tsv"
    rows = [f"{'pn'[i % 2]}\ta text of number {i}\n" for i in range(60)]
    path.write_text(
        "".join(
            rows
            + [row.upper().replace("P\t", "p\t").replace("N\t", "n\t") for row in rows]
        )
    )
    assert any(f.kind == "copies" for f in zoo.load_dataset(path).findings)
    data = zoo.load_dataset(path, drop_copies=True)
    assert count_copies(data) == {"validation": 0, "test": 0}
    kinds = [finding.kind for finding in data.findings]
    assert "dropped_copies" in kinds and "copies" not in kinds


def test_what_cannot_be_done_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="no meaning for toy_series.*forecasting"):
        zoo.load_dataset("toy_series", drop_copies=True)
    x = np.arange(12.0).reshape(6, 2)
    y = np.array([0, 1] * 3)
    np.savez(
        tmp_path / "t.npz",
        x_train=x,
        y_train=y,
        x_test=x[:1],
        y_test=y[:1],
        x_validation=x[[1, 3, 5]],
        y_validation=y[[1, 3, 5]],
    )
    with pytest.raises(DatasetError, match="every training sample of '1' stands"):
        zoo.load_dataset(tmp_path / "t.npz", drop_copies=True)


@pytest.mark.slow
def test_a_run_records_it(table, tmp_path, capsys):
    output = tmp_path / "run"
    given = ["--drop-copies", "--epochs", "1", "--jit", "off", "--output", str(output)]
    assert run(["train", "mlp", "--dataset", str(table), *given]) == 0
    said = capsys.readouterr().err
    assert "training samples stand in validation or test, too: left out" in said
    assert "flatter" not in said
    held = json.loads((output / "config.json").read_text())
    assert held["recipe"]["drop_copies"] is True
    samples = len(zoo.load_dataset(table, drop_copies=True).train.y)
    assert held["data"]["train"]["samples"] == samples

    # Evaluation reads the columns in the roles of the training, and takes others.
    other = tmp_path / "other.csv"
    other.write_text(table.read_text().replace("label", "what"))
    capsys.readouterr()
    assert (
        run(["evaluate", str(output), "--dataset", str(other), "--target", "what"]) == 0
    )
    assert "accuracy" in capsys.readouterr().out
    data = zoo.load_dataset(table)
    with pytest.raises(ArgumentError, match="`target` has no meaning"):
        zoo.evaluate(output, data, target="label")


@pytest.mark.slow
def test_a_search_reads_data_as_a_training_does(table, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "two.csv"
    lines = table.read_text().splitlines()
    lines = [
        lines[0] + ",label2",
        *(f"{x},{'cd'[i % 3 == 0]}" for i, x in enumerate(lines[1:])),
    ]
    path.write_text("\n".join(lines).replace("label2", "class") + "\n")
    given = ["--trials", "1", "--epochs", "1", "--output", "found"]
    assert run(["tune", "mlp", "--dataset", str(path), *given]) == 1
    assert "which column is the label?" in capsys.readouterr().err
    given += ["--target", "class", "--ignore", "label"]
    assert run(["tune", "mlp", "--dataset", str(path), *given]) == 0
    recipe = json.loads((tmp_path / "found" / "best.json").read_text())["recipe"]
    assert (recipe["target"], recipe["ignore"]) == (["class"], ["label"])
