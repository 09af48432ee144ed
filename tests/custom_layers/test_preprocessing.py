"""What scaling and filling in do beyond the checks that all layers share."""

import keras
import numpy as np
import pytest

import custom_layers as cl

from .backends import layer_gradients, numbers, tensorflow_only

RNG = np.random.default_rng(3)
DATA = RNG.normal(size=(40, 3)) * [1, 10, 0.1] + [5, -3, 100]


def _in_forms(data):
    """The same data as an array, as batches and as a generator of pairs."""
    parts = np.array_split(data, 4)
    return {
        "array": data,
        "list": parts,
        "generator": ((part, np.zeros(len(part))) for part in parts),
    }


class TestMinMaxScaling:
    @pytest.mark.parametrize("form", ["array", "list", "generator"])
    @pytest.mark.parametrize("feature_range", [(0, 1), (-2, 5)])
    def test_it_scales_as_scikit_learn_does(self, form, feature_range):
        preprocessing = pytest.importorskip("sklearn.preprocessing")
        data = np.concatenate([DATA, np.full((40, 1), 7.0)], axis=1)
        data[3, 0] = np.nan
        theirs = preprocessing.MinMaxScaler(feature_range).fit(data)
        ours = cl.MinMaxScaling(feature_range=feature_range)
        ours.adapt(_in_forms(data)[form])
        x = np.concatenate([data[4:], data[4:] * 1.5])
        np.testing.assert_allclose(
            numbers(ours(x)), theirs.transform(x), rtol=1e-4, atol=1e-4
        )

    def test_a_constant_feature_gives_the_lower_bound(self):
        layer = cl.MinMaxScaling(feature_range=(-1, 1))
        layer.adapt(np.full((5, 2), 3.0))
        np.testing.assert_array_equal(numbers(layer(np.full((1, 2), 3.0))), [[-1, -1]])

    def test_inverted_it_undoes_itself(self):
        there = cl.MinMaxScaling(feature_range=(-1, 2))
        back = cl.MinMaxScaling(feature_range=(-1, 2), invert=True)
        for layer in (there, back):
            layer.adapt(DATA)
        np.testing.assert_allclose(numbers(back(there(DATA))), DATA, rtol=1e-4)

    def test_large_numbers_in_a_small_range_stay_exact(self):
        layer = cl.MinMaxScaling()
        years = np.array([[2000.0], [2001.0], [2002.0]])
        layer.adapt(years)
        np.testing.assert_array_equal(numbers(layer(years)), [[0], [0.5], [1]])

    def test_nothing_is_trained(self):
        layer = cl.MinMaxScaling()
        layer.adapt(DATA)
        assert layer.trainable_weights == []
        assert [w.name for w in layer.weights] == ["minimum", "maximum"]


class TestMissingValues:
    def test_it_starts_from_the_means_of_what_is_there(self):
        data = DATA.copy()
        data[::3, 1] = np.nan
        data[:, 2] = np.nan
        layer = cl.MissingValues()
        layer.adapt(np.array_split(data, 3))
        expected = [data[:, 0].mean(), np.nanmean(data[:, 1]), 0]
        np.testing.assert_allclose(numbers(layer.fill), expected, rtol=1e-5)
        filled = numbers(layer(data.astype("float32")))
        np.testing.assert_allclose(filled[0], [data[0, 0], *expected[1:]], rtol=1e-5)

    def test_no_gradient_is_nan(self):
        layer = cl.MissingValues(indicator=True)
        x = np.array([[1.0, np.nan], [np.nan, np.nan]], "float32")
        layer(x)
        cotangent = np.array([[1, 2, 3, 4], [5, 6, 7, 8]], "float32")
        by_input, by_fill = layer_gradients(
            layer, [x], [cotangent], lambda arrays: arrays
        )
        np.testing.assert_array_equal(numbers(by_input), [[1, 0], [0, 0]])
        np.testing.assert_array_equal(numbers(by_fill), [5, 8])

    @pytest.mark.slow
    def test_the_fill_learns_what_is_best(self):
        x = np.array([[0.0], [np.nan]] * 20, "float32")
        y = np.array([[0.0], [3.0]] * 20, "float32")
        model = keras.Sequential([keras.Input((1,)), cl.MissingValues()])
        model.compile(keras.optimizers.SGD(0.3), "mse")
        model.fit(x, y, epochs=15, verbose=0)
        np.testing.assert_allclose(numbers(model.layers[0].fill), [3.0], atol=1e-2)
        model.layers[0].trainable = False
        assert model.trainable_weights == []

    def test_integers_are_never_missing(self):
        x = np.array([[1, 2]], "int32")
        np.testing.assert_array_equal(numbers(cl.MissingValues(fill=9)(x)), [[1, 2]])

    def test_flags_stand_behind_the_features(self):
        layer = cl.MissingValues(indicator=True)
        assert layer.compute_output_shape((None, 4, 3)) == (None, 4, 6)
        assert layer.compute_output_shape((None, None)) == (None, None)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: cl.MinMaxScaling(minimum=0), r"both `minimum` and `maximum`.*=None"),
        (lambda: cl.MinMaxScaling(minimum=[0, 1], maximum=[1]), "the same shape"),
        (lambda: cl.MinMaxScaling(minimum=2, maximum=1), "nowhere.*minimum=2"),
        (lambda: cl.MinMaxScaling(feature_range=(1, 1)), r"`feature_range`.*\(1, 1\)"),
        (lambda: cl.MinMaxScaling(minimum=0, maximum=1).adapt(DATA), "cannot adapt"),
        (lambda: cl.MinMaxScaling().adapt([]), "empty iterable"),
        (lambda: cl.MinMaxScaling().adapt(3), "Received: data of type int"),
        (lambda: cl.MinMaxScaling(axis=2).adapt(DATA), r"`axis`.*axis=\(2,\)"),
        (lambda: cl.MissingValues(fill=np.nan), "`fill` must not be NaN"),
        (lambda: cl.MissingValues(fill=[[1.0]]), "at most one dimension"),
        (lambda: cl.MissingValues(fill=1.0).adapt(DATA), "cannot adapt.*fill=1.0"),
    ],
)
def test_errors(make, message):
    with pytest.raises((ValueError, TypeError), match=message):
        make()


def test_large_numbers_with_small_deviations_normalize_well():
    layer = cl.Normalization()
    years = np.array([[2000.0], [2001.0], [2002.0]])
    layer.adapt(years)
    expected = (years - 2001) / years.std()
    np.testing.assert_allclose(numbers(layer(years)), expected, rtol=1e-6, atol=1e-6)


@tensorflow_only
@pytest.mark.parametrize(
    "layer",
    [
        cl.Rescaling(0.5, 1.0),
        cl.Normalization(),
        cl.Normalization(mean=1.0, variance=4.0),
        cl.MinMaxScaling(),
        cl.MissingValues(indicator=True),
    ],
    ids=lambda layer: layer.name,
)
def test_in_a_pipeline_it_computes_the_same(layer):
    import tensorflow as tf

    if hasattr(layer, "adapt") and "mean=1" not in str(layer.get_config()):
        layer.build((None, 3))
    x = DATA.astype("float32")
    data = tf.data.Dataset.from_tensor_slices(x).batch(8).map(layer)
    np.testing.assert_allclose(np.concatenate(list(data)), numbers(layer(x)), rtol=1e-6)
