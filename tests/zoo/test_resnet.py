"""Residual networks: depths, shortcuts, images that move in training only."""

import keras
import numpy as np
import pytest

import zoo
from zoo.errors import ArgumentError
from zoo.models.cnn.resnet import _shortcut


@pytest.mark.parametrize(
    ("name", "millions"),
    [("resnet20", 0.27), ("resnet32", 0.46), ("resnet44", 0.66), ("resnet56", 0.85)],
)
def test_parameters_of_the_paper(name, millions):
    model = zoo.create_model(name, input_shape=(32, 32, 3))
    count = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    assert round(count / 1e6, 2) == millions


@pytest.mark.parametrize("depth", [8, 20, 32])
def test_depth_is_the_number_of_layers_with_a_kernel(depth):
    model = zoo.create_model(f"resnet{depth}")
    assert sum(hasattr(layer, "kernel") for layer in model.layers) == depth


def test_stages_halve_the_maps():
    model = zoo.create_model("resnet8", input_shape=(32, 32, 3))
    weighted = [layer for layer in model.layers if hasattr(layer, "kernel")]
    shapes = [layer.output.shape[1:] for layer in weighted]
    assert shapes[0] == shapes[2] == (32, 32, 16)
    assert shapes[3] == shapes[4] == (16, 16, 32)
    assert shapes[5] == shapes[6] == (8, 8, 64)


@pytest.mark.parametrize("size", [(8, 8), (5, 7)])
def test_a_shortcut_takes_every_other_pixel_and_adds_zeros(size):
    image = keras.Input((*size, 4))
    model = keras.Model(image, _shortcut(image, 8, 2))
    assert model.weights == []
    x = np.random.default_rng(0).normal(size=(2, *size, 4)).astype("float32")
    expected = np.zeros((2, -(-size[0] // 2), -(-size[1] // 2), 8), "float32")
    expected[..., 2:6] = x[:, ::2, ::2]
    np.testing.assert_array_equal(model(x), expected)


def test_other_shortcuts_are_the_input():
    image = keras.Input((4, 4, 8))
    assert _shortcut(image, 8, 1) is image


def test_an_empty_block_is_its_shortcut():
    """Without kernels, blocks compute `relu(x' + 0)`."""
    model = zoo.create_model("resnet8", input_shape=(8, 8, 1))
    first, *others = [layer for layer in model.layers if "Conv" in type(layer).__name__]
    for layer in others:
        layer.kernel.assign(np.zeros(layer.kernel.shape))
    stem = keras.Model(model.input, model.layers[model.layers.index(first) + 2].output)
    pooled = keras.Model(model.input, model.get_layer("logits").input)
    x = np.random.default_rng(0).integers(0, 17, (3, 8, 8, 1)).astype("float32")
    maps = np.asarray(stem(x, training=False))[:, ::4, ::4]
    expected = np.pad(maps.mean(axis=(1, 2)), ((0, 0), (24, 24)))
    np.testing.assert_allclose(pooled(x, training=False), expected, rtol=1e-5)


@pytest.mark.parametrize("depth", [2, 7, 9, 18, 0, -4])
def test_a_depth_that_no_network_has(depth):
    with pytest.raises(ArgumentError, match=rf"6n \+ 2.*Received: depth={depth}"):
        zoo.create_model("resnet8", depth=depth)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"input_shape": (64,)}, r"takes images: .*height.* Received: \(64,\)"),
        ({"filters": (16, 32)}, r"`filters` has too few values. Received: \(16, 32\)"),
    ],
)
def test_what_is_no_image_or_has_no_three_stages(arguments, message):
    with pytest.raises(ArgumentError, match=message):
        zoo.create_model("resnet8", **arguments)


@pytest.mark.parametrize("name", ["resnet8.cifar10", "lenet5_augmented.mnist"])
def test_images_move_in_training_only(name):
    model = zoo.create_model(name)
    x = np.random.default_rng(0).normal(size=(2, *model.input_shape[1:]))
    unasked, asked = (np.asarray(model(x, **a)) for a in ({}, {"training": False}))
    np.testing.assert_array_equal(unasked, asked)
    once, again = (np.asarray(model(x, training=True)) for _ in range(2))
    assert not np.allclose(once, again)


def test_crops_are_shifts_by_whole_pixels_with_the_mean_behind_them():
    model = zoo.create_model("resnet8.cifar10")
    index = [layer.name[:11] for layer in model.layers].index("random_flip")
    moved = keras.Model(model.input, model.layers[index].input)
    x = np.random.default_rng(0).normal(size=(40, 32, 32, 3)).astype("float32")
    y = np.asarray(moved(x, training=True))
    plain = np.asarray(moved(x, training=False))
    padded = np.pad(plain, ((0, 0), (4, 4), (4, 4), (0, 0)))
    places = set()
    for image, wide in zip(y, padded, strict=True):
        crops = [
            (i, j)
            for i in range(9)
            for j in range(9)
            if np.array_equal(image, wide[i : i + 32, j : j + 32])
        ]
        assert len(crops) == 1
        places |= set(crops)
    assert len(places) > 20
