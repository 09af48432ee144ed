"""Rows of layers that regularize in training."""

from functools import partial

import keras

import custom_layers as cl

from ..oracles.activations import identity
from ..table import LayerRow

_DROPOUT = partial(LayerRow, cl.Dropout, keras.layers.Dropout, identity, random=True)

LAYERS = [
    _DROPOUT({"rate": 0.4, "seed": 1}),
    _DROPOUT({"rate": 0.4, "noise_shape": (None, 1)}),
    LayerRow(
        cl.GaussianNoise,
        keras.layers.GaussianNoise,
        identity,
        {"stddev": 0.5, "seed": 1},
        random=True,
    ),
]
