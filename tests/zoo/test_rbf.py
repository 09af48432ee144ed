"""Radial basis functions, and layers that measure what the layers before them make."""

import keras
import numpy as np
import pytest

import zoo
from custom_layers import RBF, Dense, Flatten, Normalization
from zoo.datasets import Split, storage
from zoo.datasets.dataset import make_dataset
from zoo.errors import DatasetError
from zoo.training.adapt import adapt


@pytest.fixture
def data():
    generator = np.random.default_rng(0)
    x = (100 + 20 * generator.normal(size=(700, 3, 2))).astype("float32")
    split = Split(x, np.arange(700) % 2)
    return make_dataset("drawn", ("a", "b"), split, split, split)


def network(**arguments):
    image = keras.Input((3, 2))
    x = Flatten()(Normalization(axis=None)(image))
    return keras.Model(image, Dense(2)(RBF(4, seed=0, **arguments)(x)))


def centres(model):
    return keras.ops.convert_to_numpy(model.layers[3].centers)


def test_a_layer_measures_what_the_layers_before_it_make(data):
    model = network()
    adapt(model, data)
    x = data.train.x.reshape(-1, 6)
    expected = RBF(4, seed=0)
    expected.adapt((x - x.mean()) / x.std())
    np.testing.assert_allclose(
        centres(model), keras.ops.convert_to_numpy(expected.centers), atol=1e-4
    )


def test_whatever_the_blocks_are(data, monkeypatch):
    models = network(), network()
    adapt(models[0], data)
    monkeypatch.setattr(storage, "BLOCK_BYTES", 7 * 24)
    adapt(models[1], data)
    np.testing.assert_allclose(*map(centres, models), atol=1e-4)


def test_layers_that_draw_do_not_draw_then(data):
    image = keras.Input((3, 2))
    x = keras.layers.Dropout(0.9)(Flatten()(Normalization(axis=None)(image)))
    model = keras.Model(image, RBF(4, seed=0)(x))
    plain = network()
    adapt(model, data)
    adapt(plain, data)
    found = keras.ops.convert_to_numpy(model.layers[-1].centers)
    np.testing.assert_array_equal(found, centres(plain))


def test_too_few_points_are_refused(tmp_path):
    with pytest.raises(DatasetError, match="dataset 'xor': 20 centres need.*distinct"):
        zoo.train("rbf", dataset="xor", output=tmp_path / "r")


@pytest.mark.slow
def test_circles(tmp_path):
    run = zoo.train("rbf", epochs=20, output=tmp_path / "r")
    assert run.metrics["accuracy"] >= 0.99


@pytest.mark.slow
def test_xor_with_as_many_centres_as_points(tmp_path):
    run = zoo.train(
        "rbf",
        dataset="xor",
        overrides={"centers": 4},
        epochs=100,
        output=tmp_path / "r",
    )
    assert run.metrics["accuracy"] == 1


def test_widths_are_per_measurement():
    x = np.random.default_rng(0).normal(size=(5, 7)).astype("float32")
    model = zoo.create_model("rbf", input_shape=(7,), centers=3, gamma=0.5)
    layer = next(layer for layer in model.layers if isinstance(layer, RBF))
    bumps = keras.ops.convert_to_numpy(layer(x))
    centers = keras.ops.convert_to_numpy(layer.centers)
    squares = np.mean((x[:, None] - centers) ** 2, axis=-1)
    np.testing.assert_allclose(bumps, np.exp(-0.5 * squares), rtol=1e-4)
