"""What reshaping layers do beyond the checks that all layers share."""

import keras
import numpy as np
import pytest

import custom_layers as cl

from .backends import BACKEND, compiled_forms, numbers

IMAGES = np.random.default_rng(1).normal(size=(2, 5, 4, 3)).astype("float32")
INTERPOLATIONS = ["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"]
# Keras on Torch has another cubic, no Lanczos, and rounds bilinear integers otherwise.
OF_KERAS = INTERPOLATIONS[:2] if BACKEND == "torch" else INTERPOLATIONS


@pytest.mark.parametrize("interpolation", OF_KERAS)
@pytest.mark.parametrize("size", [1, 2, 3, (5, 2), (1, 4)])
def test_larger_images_are_the_namesakes(interpolation, size):
    ours, theirs = (
        package.UpSampling2D(size, interpolation=interpolation)
        for package in (cl, keras.layers)
    )
    expected = numbers(theirs(IMAGES))
    np.testing.assert_allclose(numbers(ours(IMAGES)), expected, rtol=1e-4, atol=1e-5)
    for form in compiled_forms(lambda x: ours(x)).values():
        np.testing.assert_allclose(
            numbers(form(IMAGES)), expected, rtol=1e-4, atol=1e-5
        )


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
def test_sizes_may_be_open(interpolation):
    layer = cl.UpSampling2D(3, interpolation=interpolation)
    inputs = keras.Input((None, None, 3))
    model = keras.Model(inputs, layer(inputs))
    assert model.output_shape == (None, None, None, 3)
    y = model.predict(IMAGES, verbose=0)
    np.testing.assert_allclose(y, numbers(layer(IMAGES)), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("dtype", ["uint8", "int32"])
def test_integers_stay_integers(dtype):
    x = np.array([[[[0], [200]]]], dtype)
    for interpolation in ("bilinear", "bicubic"):
        ours, theirs = (
            numbers(p.UpSampling2D(3, interpolation=interpolation)(x))
            for p in (cl, keras.layers)
        )
        assert ours.dtype == theirs.dtype == dtype
        if BACKEND != "torch":
            np.testing.assert_array_equal(ours, theirs)
    assert numbers(cl.ZeroPadding2D()(x)).dtype == dtype


def test_a_padding_keeps_open_sizes():
    layer = cl.ZeroPadding2D(((1, 2), (0, 3)))
    assert layer.compute_output_shape((None, None, 4, 3)) == (None, None, 7, 3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: cl.UpSampling2D(0), r"`size`.*\{0\}"),
        (lambda: cl.UpSampling2D((2, 2, 2)), r"`size`.*tuple of 2"),
        (
            lambda: cl.UpSampling2D(interpolation="area"),
            r"`interpolation`.*'lanczos5'.*interpolation=area",
        ),
        (lambda: cl.UpSampling2D(data_format="x"), r"`data_format`.*=x"),
        (lambda: cl.UpSampling2D()(IMAGES[0]), r"expected ndim=4"),
        (lambda: cl.ZeroPadding2D((1, 2, 3)), r"`padding`.*=\(1, 2, 3\)"),
        (lambda: cl.ZeroPadding2D(1.5), r"`padding`.*padding=1.5"),
        (lambda: cl.ZeroPadding2D(-1), r"padding\[0\].*\{-1\}.*>= 0"),
        (lambda: cl.ZeroPadding2D((1, (1, 2, 3))), r"padding\[1\].*\(1, 2, 3\)"),
        (lambda: cl.ZeroPadding2D()(IMAGES[0]), r"expected ndim=4"),
    ],
)
def test_errors(call, message):
    with pytest.raises(ValueError, match=f"(?s){message}"):
        call()
