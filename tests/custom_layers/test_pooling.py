"""What pooling layers do beyond the checks that all layers share."""

import keras
import numpy as np
import pytest

import custom_layers as cl

from .backends import gradient, numbers, tensorflow_only

RNG = np.random.default_rng(1)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("MaxPooling1D", {}),
        ("MaxPooling1D", {"pool_size": 3, "strides": 1, "padding": "same"}),
        ("MaxPooling2D", {}),
        ("MaxPooling2D", {"pool_size": 3, "strides": 2, "padding": "same"}),
        ("GlobalMaxPooling1D", {}),
        ("GlobalMaxPooling2D", {}),
        ("GlobalMaxPooling2D", {"data_format": "channels_first", "keepdims": True}),
    ],
)
def test_equal_maxima_share_the_gradient_as_in_the_namesake(name, options):
    """As behind a `relu`, where whole windows are zero."""
    shape = (2, 6, 6, 4) if name.endswith("2D") else (2, 6, 4)
    x = np.maximum(RNG.integers(-3, 3, size=shape), 0).astype("float32")
    ours, theirs = (getattr(package, name)(**options) for package in (cl, keras.layers))
    np.testing.assert_allclose(
        numbers(gradient(ours, x)), numbers(gradient(theirs, x)), rtol=1e-6
    )


@pytest.mark.parametrize("name", ["GlobalMaxPooling1D", "GlobalMaxPooling2D"])
def test_a_maximum_that_is_no_number_is_passed_on(name):
    shape = (2, 3, 3, 2) if name.endswith("2D") else (2, 3, 2)
    x = np.zeros(shape, "float32")
    x[0, 0] = np.nan
    x[1, 0] = np.inf
    ours, theirs = (numbers(getattr(p, name)()(x)) for p in (cl, keras.layers))
    np.testing.assert_array_equal(ours, theirs)


@tensorflow_only
@pytest.mark.parametrize("keepdims", [True, False])
def test_second_derivatives_of_a_global_maximum(keepdims):
    import tensorflow as tf

    def curvature(layer):
        x = tf.constant(np.random.default_rng(3).normal(size=(2, 3, 3, 2)))
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                total = tf.reduce_sum(layer(x) ** 3)
            slope = tf.reduce_sum(inner.gradient(total, x) ** 2)
        return numbers(outer.gradient(slope, x))

    options = {"keepdims": keepdims, "dtype": "float64"}
    ours, theirs = (
        package.GlobalMaxPooling2D(**options) for package in (cl, keras.layers)
    )
    np.testing.assert_allclose(curvature(ours), curvature(theirs), rtol=1e-6)


def test_a_mask_ends_at_the_mean():
    x = RNG.normal(size=(2, 4, 3)).astype("float32")
    x[:, 2:] = 0
    inputs = keras.Input((4, 3))
    masked = keras.layers.Masking()(inputs)
    model = keras.Model(inputs, cl.GlobalAveragePooling1D()(masked))
    y = model.predict(x, verbose=0)
    np.testing.assert_allclose(y, x[:, :2].mean(axis=1), rtol=1e-5)
    assert cl.GlobalAveragePooling1D().compute_mask(x, np.ones((2, 4))) is None


def test_sizes_may_be_open():
    x = RNG.normal(size=(2, 6, 5, 3)).astype("float32")
    for layer in (
        cl.MaxPooling2D(),
        cl.AveragePooling2D(2, padding="same"),
        cl.GlobalAveragePooling2D(),
        cl.GlobalMaxPooling2D(keepdims=True),
    ):
        inputs = keras.Input((None, None, 3))
        model = keras.Model(inputs, layer(inputs))
        y = model.predict(x, verbose=0)
        np.testing.assert_allclose(y, numbers(layer(x)), rtol=1e-6)


def test_names_for_the_same_class():
    for short, long in (("MaxPool", "MaxPooling"), ("AvgPool", "AveragePooling")):
        for rank in ("1D", "2D"):
            assert getattr(cl, short + rank) is getattr(cl, long + rank)
            name, full = f"Global{short}{rank}", f"Global{long}{rank}"
            assert getattr(cl, name) is getattr(cl, full)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: cl.MaxPooling1D(0), r"`pool_size`.*tuple of 1.*\{0\}"),
        (lambda: cl.AveragePooling1D((2, 2)), r"`pool_size`.*=\(2, 2\)"),
        (lambda: cl.MaxPooling1D(padding="causal"), r"`padding`.*causal"),
        (
            lambda: cl.AveragePooling1D(5)(keras.KerasTensor((1, 4, 2))),
            r"zero or negative",
        ),
        (lambda: cl.GlobalMaxPooling1D("last"), r"`data_format`.*=last"),
        (
            lambda: cl.GlobalAveragePooling2D()(np.ones((1, 2, 3))),
            r"expected ndim=4, found ndim=3",
        ),
    ],
)
def test_errors(call, message):
    with pytest.raises(ValueError, match=f"(?s){message}"):
        call()
