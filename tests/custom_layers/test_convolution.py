"""What convolution layers do beyond the checks that all layers share."""

import keras
import numpy as np
import pytest
from keras import ops

import custom_layers as cl

from .backends import numbers, tensorflow_only

RNG = np.random.default_rng(1)
IMAGES = RNG.normal(size=(2, 7, 7, 4)).astype("float32")
SEQUENCES = RNG.normal(size=(2, 9, 4)).astype("float32")


def test_a_causal_convolution_sees_no_later_step():
    layer = cl.Conv1D(3, 3, padding="causal", dilation_rate=2)
    before = numbers(layer(SEQUENCES))
    changed = SEQUENCES.copy()
    changed[:, 6:] = 9
    after = numbers(layer(changed))
    np.testing.assert_allclose(after[:, :6], before[:, :6], rtol=1e-6)
    assert np.abs(after[:, 6:] - before[:, 6:]).min() > 0


@pytest.mark.parametrize("groups", [2, 4])
@pytest.mark.parametrize("strides", [1, 2])
def test_groups_are_convolutions_side_by_side(groups, strides):
    layer = cl.Conv2D(8, 3, strides, "same", groups=groups, use_bias=False)
    y = numbers(layer(IMAGES))
    parts = zip(
        np.split(IMAGES, groups, axis=-1),
        np.split(numbers(layer.kernel), groups, axis=-1),
        strict=True,
    )
    for i, (x, kernel) in enumerate(parts):
        single = cl.Conv2D(8 // groups, 3, strides, "same", use_bias=False)
        single.build(x.shape)
        single.set_weights([kernel])
        size = 8 // groups
        np.testing.assert_allclose(
            y[..., i * size : (i + 1) * size], numbers(single(x)), rtol=1e-4, atol=1e-5
        )


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_a_transposed_convolution_is_the_gradient_of_a_convolution(padding):
    """`<conv(x), y> = <x, conv_transpose(y)>` with the same kernel."""
    forth = cl.Conv2D(3, 3, 2, padding, use_bias=False)
    maps = numbers(forth(IMAGES))
    back = cl.Conv2DTranspose(4, 3, 2, padding, use_bias=False)
    if padding == "same":  # of an even number of rows and columns
        x = IMAGES[:, :6, :6]
        maps = numbers(forth(x))
    else:
        x = IMAGES
    back.build(maps.shape)
    back.set_weights(forth.get_weights())
    y = RNG.normal(size=maps.shape).astype("float32")
    enlarged = numbers(back(y))
    assert enlarged.shape == x.shape
    np.testing.assert_allclose(np.sum(maps * y), np.sum(x * enlarged), rtol=1e-4)


def test_separable_is_depthwise_then_pointwise():
    layer = cl.SeparableConv2D(5, 3, depth_multiplier=2, activation="tanh")
    y = numbers(layer(IMAGES))
    depthwise, pointwise, bias = layer.get_weights()
    first = cl.DepthwiseConv2D(3, depth_multiplier=2, use_bias=False)
    first.build(IMAGES.shape)
    first.set_weights([depthwise])
    second = cl.Conv2D(5, 1, activation="tanh")
    seen = first(IMAGES)
    second.build(seen.shape)
    second.set_weights([pointwise, bias])
    np.testing.assert_allclose(y, numbers(second(seen)), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "make",
    [
        lambda: cl.Conv2D(4, 3, padding="same", groups=2),
        lambda: cl.Conv2DTranspose(4, 2, strides=3),
        lambda: cl.Conv2DTranspose(4, 3, strides=2, padding="same", output_padding=1),
        lambda: cl.DepthwiseConv2D(3, strides=2, padding="same"),
        lambda: cl.SeparableConv2D(4, 3, padding="same"),
    ],
)
def test_sizes_may_be_open(make):
    layer = make()
    inputs = keras.Input((None, None, 4))
    model = keras.Model(inputs, layer(inputs))
    assert model.output_shape[1:3] == (None, None)
    y = model.predict(IMAGES, verbose=0)
    np.testing.assert_allclose(y, numbers(layer(IMAGES)), rtol=1e-5, atol=1e-5)
    assert layer.compute_output_shape(IMAGES.shape) == y.shape


@pytest.mark.slow
@tensorflow_only
def test_a_model_of_groups_trains_compiled():
    layers = [cl.Conv2D(8, 3, groups=4, activation="relu"), cl.GlobalMaxPooling2D()]
    model = keras.Sequential([keras.Input((7, 7, 4)), *layers, cl.Dense(1)])
    model.compile("sgd", "mse", jit_compile=True)
    losses = model.fit(IMAGES, np.ones(2), epochs=2, verbose=0).history["loss"]
    assert losses[1] < losses[0]


def test_arguments_are_found_under_their_names():
    layer = cl.DepthwiseConv2D(
        3,
        depthwise_initializer="ones",
        depthwise_regularizer="l2",
        depthwise_constraint="non_neg",
    )
    assert isinstance(layer.depthwise_initializer, cl.initializers.Ones)
    assert float(layer.depthwise_regularizer(ops.ones((1, 1)))) > 0
    assert isinstance(layer.depthwise_constraint, keras.constraints.NonNeg)
    layer(IMAGES)
    assert np.all(numbers(layer.kernel) == 1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: cl.Conv1D(2, 3, padding="full"),
            r"`padding`.*'causal'.*padding=full",
        ),
        (lambda: cl.Conv1D(2, (3, 3)), r"`kernel_size`.*tuple of 1"),
        (lambda: cl.Conv1D(2, 3)(IMAGES), r"3 dimensions.*\(2, 7, 7, 4\)"),
        (lambda: cl.Conv1D(2, 12)(SEQUENCES), r"zero or negative.*\(9,\)"),
        (lambda: cl.Conv2DTranspose(0, 3), r"`filters`.*filters=0"),
        (lambda: cl.Conv2DTranspose(2, 3, padding="causal"), r"`padding`.*causal"),
        (
            lambda: cl.Conv2DTranspose(2, 3, 2, output_padding=(0, 2)),
            r"`output_padding` .*strictly less.*dimension 1 .*\(0, 2\)",
        ),
        (
            lambda: cl.Conv2DTranspose(2, 3, 2, output_padding=-1),
            r"`output_padding`.*\{-1\}.*value >= 0",
        ),
        (
            lambda: cl.Conv2DTranspose(2, 3, 2, dilation_rate=2),
            r"strides=\(2, 2\).*dilation_rate=\(2, 2\)",
        ),
        (
            lambda: cl.DepthwiseConv2D(3, depth_multiplier=0),
            r"`depth_multiplier`.*depth_multiplier=0",
        ),
        (
            lambda: cl.DepthwiseConv2D(3)(keras.KerasTensor((1, 5, 5, None))),
            r"channels must be known.*\(1, 5, 5, None\)",
        ),
        (lambda: cl.DepthwiseConv2D(9)(IMAGES), r"zero or negative"),
        (lambda: cl.SeparableConv2D(0, 3), r"`filters`.*filters=0"),
        (
            lambda: cl.SeparableConv2D(2, 3, depth_multiplier=1.5),
            r"`depth_multiplier`.*depth_multiplier=1.5",
        ),
    ],
)
def test_errors(call, message):
    with pytest.raises(ValueError, match=f"(?s){message}"):
        call()
