"""Rosenblatt's rule: where it succeeds, and what a run says where it cannot."""

import keras
import numpy as np
import pytest

import zoo
from custom_layers.losses import SparsePerceptronCriterion
from zoo.datasets import Split
from zoo.datasets.dataset import make_dataset
from zoo.datasets.separability import is_separable
from zoo.runs.order import permutation
from zoo.training import assumptions

WARNING = "is not linearly separable"


def errors(model, split):
    return int((np.argmax(model.predict(split.x, verbose=0), axis=-1) != split.y).sum())


@pytest.mark.slow
@pytest.mark.parametrize("name", ["and", "or", "not", "setosa"])
def test_it_learns_what_a_hyperplane_parts(name, tmp_path, capsys):
    run = zoo.train("perceptron", dataset=name, output=tmp_path / "r")
    splits = zoo.load_dataset(name).splits
    assert {part: errors(run.model, s) for part, s in splits.items()} == {
        "train": 0,
        "validation": 0,
        "test": 0,
    }
    assert run.history["loss"][-1] == 0
    assert WARNING not in capsys.readouterr().err


@pytest.mark.parametrize("seed", range(3))
def test_it_does_not_learn_xor_and_says_so(seed, tmp_path, capsys):
    run = zoo.train("perceptron", dataset="xor", seed=seed, output=tmp_path / "r")
    assert run.metrics["accuracy"] <= 0.75
    lines = capsys.readouterr().err.splitlines()
    assert sum(f"Dataset 'xor' {WARNING}" in line for line in lines) == 1


def test_other_rules_do_not_ask_for_hyperplanes(tmp_path, capsys):
    zoo.train("mlp", dataset="xor", epochs=1, output=tmp_path / "r")
    assert WARNING not in capsys.readouterr().err


def test_each_step_is_rosenblatts(tmp_path):
    data, epochs = zoo.load_dataset("setosa"), 3
    run = zoo.train(
        "perceptron", dataset=data, epochs=epochs, seed=5, output=tmp_path / "r"
    )
    weights = np.zeros(5)
    for epoch in range(epochs):
        for i in permutation(5, epoch, len(data.train.y)):
            x, y = np.append(data.train.x[i], 1), 2 * data.train.y[i] - 1
            if y * (weights @ x) <= 0:
                weights += y * x
    kernel, bias = (np.asarray(w) for w in run.model.weights)
    np.testing.assert_allclose([*kernel[:, 1], bias[1]], weights, atol=1e-4)
    np.testing.assert_array_equal(kernel[:, 0], -kernel[:, 1])


def test_the_criterion_is_that_of_each_class_against_the_rest():
    generator = np.random.default_rng(0)
    y, scores = np.array([0, 2, 1, 2]), generator.normal(size=(4, 3))
    signs = np.where(np.arange(3) == y[:, None], 1, -1)
    expected = np.maximum(0, -signs * scores).sum(axis=1)
    criterion = SparsePerceptronCriterion(reduction="none")
    values = keras.ops.convert_to_numpy(criterion(y, scores.astype("float32")))
    np.testing.assert_allclose(values, expected, rtol=1e-6)
    again = SparsePerceptronCriterion.from_config(criterion.get_config())
    assert again.get_config() == criterion.get_config()


def test_a_hyperplane_is_found_if_there_is_one():
    generator = np.random.default_rng(0)
    normal = np.array([0.6, 0.0, -0.8])
    x = generator.normal(size=(200, 3))
    side = x @ normal > 0
    x += np.outer(np.where(side, 1e-3, -1e-3), normal)
    assert is_separable(1e3 * (x + 50), side)
    x[np.argmax(side)] = x[~side].mean(axis=0)
    assert not is_separable(1e3 * (x + 50), side)


def test_the_classes_that_are_mixed_are_named(monkeypatch):
    x = np.array([[0.0], [1.0], [2.0], [3.0], [1.5]], "float32")
    split = Split(x, np.array([0, 1, 1, 2, 2]))
    data = make_dataset("line", ("low", "middle", "high"), split, split, split)
    recipe = zoo.model_spec("perceptron").recipe
    (sentence,) = assumptions.broken(recipe, data)
    assert "no hyperplane separates middle, high from the rest" in sentence
    # Of four samples, the last one left out, only those in the middle are mixed.
    monkeypatch.setattr(assumptions, "MOST_NUMBERS", 4)
    (sentence,) = assumptions.broken(recipe, data)
    assert "no hyperplane separates middle from the rest" in sentence
