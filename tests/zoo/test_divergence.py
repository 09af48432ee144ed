"""Trainings that end far above where they began, and those that do not."""

import json
import math

import keras
import numpy as np
import pytest

import zoo
from zoo.cli.main import run as command
from zoo.datasets import Split
from zoo.errors import DivergedError, NotFiniteError
from zoo.results.record import RECORDS
from zoo.runs.summary import summary
from zoo.training.checkpoint import Checkpoints, Progress
from zoo.training.divergence import check_divergence, untrained_loss
from zoo.training.weighting import WeightedSplit


def test_a_run_that_ends_far_above_its_start_is_refused(tmp_path, capsys):
    folder = tmp_path / "r"
    arguments = ["train", "mlp", "--optimizer", "SGD", "--learning-rate", "1e30"]
    arguments += ["--schedule", "null", "--epochs", "2", "--output", str(folder)]
    assert command([*arguments, "--jit", "off"]) == 1
    line = capsys.readouterr().err.splitlines()[-1]
    assert "The training diverged: its loss ends at" in line
    assert "Try a smaller learning rate" in line
    assert not (folder / "model.keras").exists()
    assert not (folder / "metrics.json").exists()
    assert summary(folder).state == "diverged"
    assert (folder / "history.csv").exists()


def progress(start, loss, val_loss):
    row = {"loss": loss, "val_loss": val_loss}
    return Progress(history=[row], untrained_loss=start)


@pytest.mark.parametrize(
    "values",
    [
        (1.1, 1e30, 1e30),
        (1.1, 15.0, 1.0),
        (1.1, 1.0, 1e30),
        (1.1, 1.0, math.inf),
        (1.1, 1.0, math.nan),
        (1e-3, 0.02, 0.02),
        (550.0, 9000.0, 500.0),
    ],
)
def test_far_above(values):
    with pytest.raises(DivergedError):
        check_divergence(progress(*values))


@pytest.mark.parametrize(
    "values",
    [
        (1.1, 5.0, 5.0),
        (0.69, 0.0, 30.0),  # knows its training data by heart
        (5.0, -40.0, -30.0),  # a density
        (None, 9.0, 9.0),
        (0.0, 9.0, 9.0),
    ],
)
def test_not_far_above(values):
    check_divergence(progress(*values))


def test_a_loss_that_is_not_finite_is_a_divergence():
    assert issubclass(NotFiniteError, DivergedError)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (math.nan, "Weights of 'w' are NaN (dense/kernel is the first)"),
        (3e38, "its outputs overflow"),
    ],
)
def test_a_model_that_is_not_finite_is_not_evaluated(tmp_path, capsys, value, words):
    inputs = keras.Input((4,), name="features")
    model = keras.Model(inputs, keras.layers.Dense(3, name="dense")(inputs))
    model.set_weights([np.full((4, 3), value), np.zeros(3)])
    model.save(tmp_path / "w.keras")
    assert command(["evaluate", str(tmp_path / "w.keras"), "--dataset", "iris"]) == 1
    out, err = capsys.readouterr()
    assert not out
    assert words in err.splitlines()[-1]
    assert "smaller learning rate" in err.splitlines()[-1]


def linear(scale, **options):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, **options)])
    model.compile("sgd", "mse")
    model.set_weights([np.full((2, 1), scale), np.zeros(1)])
    return model


def test_the_untrained_loss():
    x, y = np.ones((3, 2), "float32"), np.zeros((3, 1), "float32")
    # Outputs of 6, or of 0.5, which is larger where the model is perfect already.
    assert untrained_loss(linear(3.0), Split(x, y)) == 36.0
    assert untrained_loss(linear(0.0), Split(x, y)) == 0.25
    # The penalty is a part of the loss: 0.5 * (9 + 9).
    penalized = linear(3.0, kernel_regularizer=keras.regularizers.L2(0.5))
    assert untrained_loss(penalized, Split(x, y)) == 45.0
    weights = np.array([2.0, 3.0, 4.0])
    assert untrained_loss(linear(3.0), WeightedSplit(x, y, weights)) == 108.0


@pytest.mark.slow
@pytest.mark.parametrize("dataset", ["iris", "digits"])
def test_a_perceptron_of_raw_measurements_does_not_diverge(tmp_path, dataset):
    run = zoo.train("perceptron", dataset=dataset, epochs=1, output=tmp_path / "run")
    assert run.history["loss"][0] > 20


def test_it_draws_no_random_numbers():
    x, y = np.ones((3, 2), "float32"), np.zeros((3, 1), "float32")
    model = keras.Sequential([keras.Input((2,)), Noise(), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    before = [np.array(v) for v in model.variables]
    untrained_loss(model, Split(x, y))
    for a, b in zip(before, model.variables, strict=True):
        np.testing.assert_array_equal(a, b)


class Noise(keras.layers.Layer):
    """Random in inference, too."""

    def __init__(self):
        super().__init__()
        self.seed = keras.random.SeedGenerator(0)

    def call(self, x):
        return x + keras.random.normal(keras.ops.shape(x), seed=self.seed)


@pytest.mark.parametrize("path", sorted(RECORDS.glob("*.json")), ids=lambda p: p.stem)
def test_no_published_model_would_have_been_refused(path):
    record = json.loads(path.read_text())
    losses = [row["loss"] for row in record["metrics"].values() if "loss" in row]
    start = untrained(record["task"])
    for loss in losses:
        check_divergence(progress(start, min(loss, start), loss))


def untrained(task):
    """A low estimate of the loss of constant outputs: two classes, small targets."""
    if task in ("classification", "tagging", "language_modelling", "embedding"):
        return math.log(2)
    return 100.0 if task == "generation" else 0.05


def test_the_loss_at_the_start_survives_a_resume(run):
    state = Checkpoints(run.directory / "checkpoints").latest()
    assert state is not None
    # Ten classes: the logarithm of 10, or a little more.
    assert 2.3 <= state.progress.untrained_loss < 4
