"""Rows of layers that change images in training, and do nothing else."""

import keras

import custom_layers as cl

from ..oracles.activations import identity
from ..table import LayerRow


def _nothing(x, training):
    return x


def _row(name, **kwargs):
    return LayerRow(
        getattr(cl, name),
        getattr(keras.layers, name),
        _nothing,
        kwargs,
        shape=(2, 6, 5, 3),
        # Called by itself, such a layer thinks it is in training.
        call={"training": False},
        random=True,
    )


_FIRST = {"data_format": "channels_first"}

LAYERS = [
    _row("RandomFlip"),
    _row("RandomFlip", mode="vertical", seed=1, **_FIRST),
    _row("RandomTranslation", height_factor=0.2, width_factor=(-0.3, 0.1)),
    _row(
        "RandomTranslation",
        height_factor=0.2,
        width_factor=0.1,
        fill_mode="constant",
        interpolation="nearest",
        fill_value=0.5,
        seed=1,
        **_FIRST,
    ),
    _row("RandomRotation", factor=0.3),
    _row("RandomRotation", factor=(-0.1, 0.2), fill_mode="wrap", seed=1, **_FIRST),
    _row("RandomZoom", height_factor=0.3),
    _row(
        "RandomZoom",
        height_factor=(0.1, 0.4),
        width_factor=-0.2,
        fill_mode="nearest",
        interpolation="nearest",
        seed=1,
        **_FIRST,
    ),
    _row("RandomContrast", factor=0.3),
    _row(
        "RandomContrast",
        factor=(0.2, 0.5),
        value_range=(0, 1),
        seed=1,
        **_FIRST,
    ),
    LayerRow(
        cl.SpecAugment,
        None,
        identity,
        {"time_factor": 0.5, "frequency_factor": 0.4, "masks": 2, "seed": 1},
        shape=(2, 6, 5, 1),
        random=True,
    ),
]
