"""Folds, and what is found over all of them."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

import zoo
from tests.zoo.subjects import classified
from zoo.cli.main import cli
from zoo.datasets import Split
from zoo.datasets.folds import draw_fold
from zoo.errors import ArgumentError, DatasetError, RunError
from zoo.runs.run import Run
from zoo.training.cross_validation import summarize

FAST = {"epochs": 1, "jit": "off"}


def rows(split):
    return {row.tobytes() for row in np.asarray(split.x)}


def numbered(counts, held_out=1):
    """Samples that are numbers, with so many of each class."""
    y = np.repeat(np.arange(len(counts)), counts)
    data = classified([f"class {k}" for k in range(len(counts))])
    x = np.arange(len(y), dtype="float32").reshape(-1, 1)
    places = np.random.default_rng(0).permutation(len(y))
    few = len(y) // 10 * held_out
    parts = np.split(places, [len(y) - 2 * few, len(y) - few])
    names = ("train", "validation", "test")
    splits = {n: Split(x[p], y[p]) for n, p in zip(names, parts, strict=True)}
    return data.__class__(**{**data.__dict__, **splits})


def test_each_sample_is_tested_once_and_never_seen_before():
    data = numbered([50, 30, 20])
    folds = [draw_fold(data, f"{k}/5") for k in range(1, 6)]
    tested = np.concatenate([fold.test.x[:, 0] for fold in folds])
    assert sorted(tested) == list(range(100))
    for fold in folds:
        parts = [rows(split) for split in fold.splits.values()]
        assert sum(map(len, parts)) == 100
        assert len(set.union(*parts)) == 100
        assert np.bincount(fold.test.y).tolist() == [10, 6, 4]
        assert len(fold.validation.y) == pytest.approx(80 * 10 / 90, abs=1)


def test_folds_are_the_same_each_time():
    one, two = (draw_fold(numbered([50, 50]), "2/3") for _ in range(2))
    np.testing.assert_array_equal(one.test.x, two.test.x)
    np.testing.assert_array_equal(one.train.x, two.train.x)


@pytest.mark.parametrize(
    ("data", "fold", "words"),
    [
        (numbered([50, 50]), "6/5", "There is no fold 6/5"),
        (numbered([50, 50]), "1/1", "There is no fold 1/1"),
        (numbered([50, 4]), "1/5", "has 4 samples of 'class 1', too few for 5 folds"),
    ],
)
def test_folds_that_cannot_be(data, fold, words):
    with pytest.raises(DatasetError, match=words):
        draw_fold(data, fold)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("toy_series", "its values follow each other in time"),
        ("python_topics", "its characters follow each other"),
    ],
)
def test_what_is_in_order_has_no_folds(name, words):
    with pytest.raises(DatasetError, match=words):
        zoo.load_dataset(name, fold="1/5")


def test_sentences_with_tags_have_folds():
    whole = zoo.load_dataset("toy_tags")
    fold = zoo.load_dataset("toy_tags", fold="1/4")
    samples = sum(len(split.y) for split in whole.splits.values())
    assert len(fold.test.y) == pytest.approx(samples / 4, abs=1)


def test_a_fold_is_a_number_of_a_number():
    with pytest.raises(ArgumentError, match="must be a fold and their number"):
        zoo.load_dataset("iris", fold="2")


def a_run(accuracy, samples, loss):
    baseline = {"metric": "accuracy", "value": accuracy / 2, "method": "a coin"}
    details = {"samples": samples, "baseline": baseline}
    return Run(None, {}, {"accuracy": accuracy, "loss": loss}, None, {}, details)


def test_figures_over_the_folds(tmp_path):
    runs = [a_run(0.9, 10, 1.0), a_run(0.8, 10, 2.0), a_run(1.0, 10, 3.0)]
    found = summarize(tmp_path, runs)
    accuracy, loss = found.metrics["accuracy"], found.metrics["loss"]
    assert accuracy.mean == pytest.approx(0.9)
    assert accuracy.std == pytest.approx(0.1)
    # 27 of 30, by Wilson; and 2 +- 4.3027 / sqrt(3), by Student.
    np.testing.assert_allclose(accuracy.interval, (0.7438, 0.9654), atol=1e-4)
    np.testing.assert_allclose(loss.interval, (-0.4841, 4.4841), atol=1e-4)
    assert found.samples == 30
    assert found.baseline["value"] == pytest.approx(0.45)


@pytest.mark.slow
def test_a_run_for_each_fold_which_is_evaluated_on_its_own(tmp_path):
    folder = tmp_path / "cv"
    found = zoo.cross_validate("mlp", folds=2, dataset="iris", output=folder, **FAST)
    assert found.samples == 150
    assert [run.directory for run in found.runs] == [
        folder / "folds" / number for number in "12"
    ]
    assert found.runs[0].config["recipe"]["fold"] == "1/2"
    second = found.runs[1]
    assert zoo.evaluate(second.directory) == pytest.approx(second.metrics, rel=1e-5)
    held = json.loads((folder / "cross_validation.json").read_text())
    assert held["metrics"]["accuracy"]["mean"] == found.metrics["accuracy"].mean
    with pytest.raises(RunError, match="holds a cross-validation; give --resume"):
        zoo.cross_validate("mlp", folds=2, dataset="iris", output=folder, **FAST)


@pytest.mark.slow
def test_a_killed_one_goes_on(tmp_path, monkeypatch):
    from zoo.training import cross_validation

    options = {"folds": 3, "dataset": "iris", **FAST}
    whole = zoo.cross_validate("mlp", output=tmp_path / "whole", **options)
    train, calls = cross_validation.train, []

    def killed(*args, **named):
        calls.append(named)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return train(*args, **named)

    monkeypatch.setattr(cross_validation, "train", killed)
    with pytest.raises(KeyboardInterrupt):
        zoo.cross_validate("mlp", output=tmp_path / "part", **options)
    assert not (tmp_path / "part/cross_validation.json").exists()
    monkeypatch.setattr(cross_validation, "train", train)
    options["resume"] = True
    part = zoo.cross_validate("mlp", output=tmp_path / "part", **options)
    assert part.metrics == whole.metrics
    with pytest.raises(RunError, match="fold '1/3', not '1/4'"):
        zoo.cross_validate("mlp", output=tmp_path / "part", **options | {"folds": 4})


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--folds", "5", "--ensemble", "2"], "--folds does not work with --ensemble"),
        (["--folds", "5", "--dry-run"], "--dry-run does not work with --folds"),
        (["--folds", "1"], "2 folds or more"),
    ],
)
def test_what_does_not_go_together(arguments, words):
    result = CliRunner().invoke(cli, ["train", "mlp", *arguments])
    assert words in result.output + str(result.exception)


@pytest.mark.slow
def test_the_command_prints_each_fold_and_all(tmp_path):
    folder = str(tmp_path / "cv")
    arguments = ["--dataset", "iris", "--epochs", "1", "--jit", "off", "--folds", "2"]
    result = CliRunner().invoke(cli, ["train", "mlp", *arguments, "--output", folder])
    assert "fold 2: loss" in result.stdout
    assert "between folds" in result.stdout and "150 samples)" in result.stdout
    assert "baseline: accuracy 0.3" in result.stdout
    result = CliRunner().invoke(
        cli,
        ["train", "mlp", *arguments, "--output", folder, "--resume", "--json"],
    )
    found = json.loads(result.stdout)
    assert found["samples"] == 150 and len(found["folds"]) == 2
