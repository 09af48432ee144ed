"""Inputs in a range that the weights do not know: refused, marked, or adapted to."""

import dataclasses
import json
import re

import keras
import numpy as np
import pytest

import zoo
from zoo.datasets import Split
from zoo.datasets.dataset import make_dataset
from zoo.datasets.input_column import InputColumn
from zoo.datasets.measured_inputs import largest_pixel, measured_inputs
from zoo.errors import DatasetError, RunError
from zoo.input_statistics import InputStatistics, measure
from zoo.runs.trained import trained

PIXELS = InputStatistics(np.array([33.3]), np.array([78.6]))
GENERATOR = np.random.default_rng(0)
PENGUINS = GENERATOR.normal([44, 17, 200, 4200], [5, 2, 14, 800], (200, 4))
WAVES = GENERATOR.normal(0, 0.1, (20, 800, 1))


@pytest.fixture(scope="module")
def scaled(digits):
    """Digits with pixels of 0 to 1, where the shipped weights know 0 to 16."""
    splits = {
        k: Split((s.x / 16).astype("float32"), s.y) for k, s in digits.splits.items()
    }
    return dataclasses.replace(digits, name="scaled", **splits)


@pytest.mark.parametrize(
    "what, known, x, says",
    [
        ("bytes", PIXELS, np.linspace(0, 255, 784), ""),
        ("shares", PIXELS, np.linspace(0, 1, 784), "a standard deviation of 0.289"),
        ("16 bits", PIXELS, np.linspace(0, 65535, 784), "a mean of 3.28e\\+04"),
        ("black", PIXELS, np.zeros(784), ""),
        ("black on white", PIXELS, 255 - np.linspace(0, 255, 784) ** 2 / 255, ""),
    ],
)
def test_a_picture(what, known, x, says):
    found = known.difference(x.reshape(1, 28, 28, 1))
    assert bool(found) == bool(says)
    assert re.match(says, found)


def table(*factors):
    return PENGUINS * np.array(factors)


def test_a_table_in_other_units():
    known = measure(PENGUINS, by_feature=True, names=("bill", "depth", "flip", "mass"))
    assert not known.difference(PENGUINS[:100])
    assert not known.difference(PENGUINS[:1])
    assert "'bill' with a mean of 4" in known.difference(table(10, 1, 1, 1)[:1])
    assert (
        "'mass' with a standard deviation of 0.834, in training 834"
        in known.difference(table(1, 1, 1, 1e-3))
    )
    everything = known.difference(table(10, 10, 10, 1e-3))
    assert everything.endswith("(and 3 more features)")
    # Pounds for kilograms, and Fahrenheit for Celsius.
    weights = measure(GENERATOR.normal(70, 15, (200, 1)), by_feature=True)
    assert weights.difference(GENERATOR.normal(154, 33, (50, 1)))
    degrees = measure(GENERATOR.normal(15, 8, (200, 1)), by_feature=True)
    assert degrees.difference(GENERATOR.normal(77, 14, (50, 1)))


def test_missing_values_and_features_that_are_no_quantity():
    known = measure(np.array([[1.0, np.nan], [3.0, np.nan]]), by_feature=True)
    assert known.describe() == {"mean": [2.0, None], "deviation": [1.0, None]}
    assert not known.difference(np.array([[2.0, 1e9], [np.nan, 5.0]]))
    assert known.difference(np.array([[1e3, 0.0]]))


def test_columns_that_are_no_numbers_have_no_range():
    columns = [
        InputColumn("mass", "number"),
        InputColumn("sex", "category", ("f", "m")),
        InputColumn("born", "date"),
    ]
    x = np.array([[1, 0, 9e3], [3, 1, 9.1e3]] * 20, "float32")
    split = Split(x, np.array([0, 1] * 20))
    data = zoo.Dataset(
        "t", split, split, split, labels=("a", "b"), columns=tuple(columns)
    )
    known = measured_inputs(data)
    assert known is not None
    assert known.describe() == {
        "mean": [2.0, None, None],
        "deviation": [1.0, None, None],
        "names": ["mass", "sex", "born"],
    }
    assert not known.difference(np.array([[2, -1, 0.0]]))
    assert "'mass' with" in known.difference(np.array([[2000, 0, 9e3]]))


def test_waveforms_of_int16():
    known = measure(WAVES, by_feature=False)
    assert not known.difference(WAVES[:1])
    assert known.difference(WAVES[:1] * 32768)


def test_samples_of_other_kinds_say_nothing():
    assert measure(np.array(["a", "b"], object), by_feature=False) is None
    known = measure(PENGUINS, by_feature=True)
    for other in (np.array([["a"]], object), PENGUINS[:, :2], np.zeros((0, 4))):
        assert known.difference(other) == ""


@pytest.mark.parametrize(
    ("brightest", "largest"), [(1, 1), (11, 16), (16, 16), (90, 255), (4095, None)]
)
def test_the_largest_pixel_of_arrays(brightest, largest):
    x = np.linspace(0, brightest, 10 * 64).reshape(10, 8, 8, 1)
    split = Split(x, np.arange(10) % 2)
    data = make_dataset("pictures", ("a", "b"), split, split, split)
    assert largest_pixel(data) == largest
    below = split._replace(x=x - 1)
    data = make_dataset("pictures", ("a", "b"), below, below, below)
    assert largest_pixel(data) is None


def test_training_from_weights_is_refused(scaled):
    with pytest.raises(DatasetError) as refused:
        zoo.train("lenet5.digits", dataset=scaled, freeze="*", epochs=1)
    said = str(refused.value)
    assert "scaled: the inputs are far from those that 'lenet5.digits' was" in said
    assert re.search(r"a standard deviation of 0\.37\d, in training 6\.0", said)
    assert "--normalization adapt" in said and "--normalization keep" in said


@pytest.mark.slow
def test_training_goes_on_where_it_is_asked_to(scaled, tmp_path):
    options = {"dataset": scaled, "freeze": "*", "epochs": 1}
    adapted, kept = (
        zoo.train("lenet5.digits", **options, normalization=how, output=tmp_path / how)
        for how in ("adapt", "keep")
    )
    assert adapted.metrics["accuracy"] > 0.95
    assert kept.metrics["accuracy"] < 0.6
    mean = np.asarray(adapted.model.layers[1].mean).item()
    assert mean == pytest.approx(scaled.train.x.mean(), rel=1e-4)
    held = json.loads((tmp_path / "adapt" / "config.json").read_text())
    assert held["normalization"] == "adapt"
    assert held["inputs"]["mean"] == pytest.approx([scaled.train.x.mean()], rel=1e-4)


def test_evaluation_and_prediction_are_marked(run, scaled, digits, tmp_path, capsys):
    zoo.evaluate(run, scaled)
    assert "scaled: the inputs are far from those that 'lenet5'" in (
        capsys.readouterr().err
    )
    zoo.evaluate(run, digits)
    assert "far from" not in capsys.readouterr().err


@pytest.mark.slow
def test_prediction_of_a_table_is_marked(tmp_path, capsys):
    from zoo.inference.predict import predict

    iris = zoo.load_dataset("iris")
    zoo.train("mlp", dataset=iris, epochs=1, output=tmp_path / "run")
    for factor, is_far in ((1, False), (10, True)):
        np.save(tmp_path / "x.npy", iris.test.x[:3] * factor)
        capsys.readouterr()
        predict(tmp_path / "run", [tmp_path / "x.npy"])
        said = capsys.readouterr().err
        assert ("x.npy: the inputs are far from those that 'mlp'" in said) == is_far


def test_statistics_come_from_the_layers_of_shipped_weights():
    for name, mean, deviation in (
        ("lenet5.mnist", 33.3, 78.6),
        ("conv_autoencoder.mnist", 127.5, 73.6),
    ):
        known = trained(name).input_statistics
        assert known is not None
        np.testing.assert_allclose(
            [known.mean, known.deviation], [[mean], [deviation]], rtol=0.01
        )
    assert trained("mlp.iris").input_statistics.mean.shape == (4,)
    assert trained("forecaster.toy_series").input_statistics is None


def test_a_normalization_that_was_never_adapted_says_nothing():
    inputs = keras.Input((3,))
    model = keras.Model(inputs, keras.layers.Normalization()(inputs))
    assert trained(model).input_statistics is None


def test_statistics_of_models_of_other_makers():
    inputs = keras.Input((3,), name="x")
    adapted = keras.layers.Normalization(mean=1.0, variance=4.0)
    outputs = adapted(inputs)
    for model in (
        keras.Model(inputs, outputs),
        keras.Model([inputs], outputs),
        keras.Model({"x": inputs}, outputs),
        keras.Sequential([inputs, keras.layers.Normalization(mean=1.0, variance=4.0)]),
    ):
        known = trained(model).input_statistics
        assert known is not None
        np.testing.assert_allclose(
            [known.mean, known.deviation], [[1.0] * 3, [2.0] * 3]
        )

    class Subclassed(keras.Model):
        def __init__(self):
            super().__init__()
            self.scale = keras.layers.Rescaling(1 / 255)

        def call(self, inputs):
            return self.scale(inputs)

    subclassed = Subclassed()
    subclassed(np.ones((2, 8, 8, 1), "float32"))
    assert trained(subclassed).input_statistics is None
    other = keras.Input((3,))
    two = keras.Model([inputs, other], [outputs, other + 1])
    assert trained(two).input_statistics is None


def test_damaged_statistics_are_said(run, tmp_path):
    held = json.loads((run.directory / "config.json").read_text())
    held["inputs"] = {"mean": 3}
    (tmp_path / "config.json").write_text(json.dumps(held))
    with pytest.raises(RunError, match=r"damaged.*inputs\.deviation"):
        trained(tmp_path)
