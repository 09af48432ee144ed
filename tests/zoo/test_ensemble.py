"""Ensembles: members, their average, and what becomes of it."""

import keras
import numpy as np
import pytest

import export
import zoo
from tests.zoo.rows import distinct, kindred
from zoo import tasks
from zoo.errors import ArgumentError, RunError
from zoo.runs.summary import find, summary
from zoo.training.ensemble import average

X = zoo.load_dataset("iris").test.x


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


@pytest.fixture(scope="module")
def ensemble(tmp_path_factory):
    output = tmp_path_factory.mktemp("ensemble") / "run"
    asked = {"epochs": 3, "seed": 4, "jit": "off", "output": output}
    return zoo.train_ensemble("mlp", members=3, **asked)


def test_the_average_of_the_members_probabilities(ensemble):
    members = [
        keras.saving.load_model(ensemble.directory / "members" / n / "model.keras")
        for n in "012"
    ]
    mean = np.mean([softmax(m.predict(X, verbose=0)) for m in members], axis=0)
    answers = ensemble.model.predict(X, verbose=0)
    np.testing.assert_allclose(softmax(answers), mean, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(np.exp(answers).sum(axis=-1), 1, rtol=1e-5)


def test_members_are_runs_of_their_own_seeds(ensemble):
    runs, damaged = find(ensemble.directory / "members")
    assert damaged == []
    assert [run.config["recipe"]["seed"] for run in runs] == [4, 5, 6]
    weights = [
        keras.saving.load_model(run.directory / "model.keras").get_weights()[-2]
        for run in runs
    ]
    assert not np.allclose(weights[0], weights[1])
    whole = summary(ensemble.directory)
    assert whole.state == "finished"
    assert whole.metrics == ensemble.metrics
    assert whole.config["ensemble"] == 3


@pytest.mark.slow
def test_it_is_evaluated_saved_and_exported_as_one(ensemble, tmp_path):
    recomputed = zoo.evaluate(ensemble.directory)
    assert recomputed == pytest.approx(ensemble.metrics, rel=1e-4)
    artifact = export.export_model(ensemble.directory, tmp_path)
    assert set(artifact.manifest["signatures"]["serving_default"]["outputs"]) == {
        "probabilities",
        "class_ids",
    }
    assert artifact.manifest["name"] == "mlp"


@pytest.mark.slow
def test_more_members_are_added_to_those_there_are(ensemble, tmp_path):
    asked = {"epochs": 1, "output": tmp_path / "run", "jit": "off"}
    first = zoo.train_ensemble("mlp", members=2, **asked)
    before = (tmp_path / "run/members/1/model.keras").read_bytes()
    with pytest.raises(RunError, match="give --resume to continue it"):
        zoo.train_ensemble("mlp", members=3, **asked)
    more = zoo.train_ensemble("mlp", members=3, resume=True, **asked)
    assert more.model.count_params() == first.model.count_params() // 2 * 3
    old = keras.saving.load_model(tmp_path / "run/members/1/model.keras")
    (tmp_path / "old.keras").write_bytes(before)
    same = keras.saving.load_model(tmp_path / "old.keras")
    for a, b in zip(old.get_weights(), same.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    for resume in (False, True):
        with pytest.raises(RunError, match="not an empty folder"):
            zoo.train_ensemble("mlp", members=2, output=tmp_path, resume=resume)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize(
    ("name", "members", "message"),
    [
        ("mlp", 1, "2 members or more. Received: 1"),
        ("autoencoder", 2, "do not mean the same"),
        ("vae", 2, "do not mean the same"),
    ],
)
def test_what_has_no_average(tmp_path, name, members, message):
    with pytest.raises(ArgumentError, match=message):
        zoo.train_ensemble(name, members=members, output=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_several_workers_are_refused(monkeypatch, tmp_path):
    monkeypatch.setenv(
        "TF_CONFIG",
        '{"cluster": {"worker": ["a:1"]}, "task": {"type": "worker", "index": 0}}',
    )
    with pytest.raises(ArgumentError, match="unset TF_CONFIG"):
        zoo.train_ensemble("mlp", members=2, output=tmp_path / "run")


def task_of(row):
    return tasks.get(zoo.model_spec(row.name).task)


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(row, id=row.name, marks=[pytest.mark.slow] * (row in kindred()))
        for row in distinct()
        if task_of(row).average is not None
    ],
)
def test_members_of_each_family_are_averaged(row, tmp_path):
    task = task_of(row)
    members = [zoo.create_model(row.name, **row.arguments) for _ in range(2)]
    model = average(members, task.average)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    shape = [2, *(5 if n is None else n for n in model.input_shape[1:])]
    x = np.ones(shape, model.input.dtype)
    np.testing.assert_allclose(again(x), model(x), rtol=1e-5, atol=1e-6)
    assert task.fixed_in_model(model) == task.fixed_in_model(members[0])
    assert set(task.outputs(model)) == set(task.outputs(members[0]))
