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
    LayerRow(
        cl.SpatialDropout1D,
        keras.layers.SpatialDropout1D,
        identity,
        {"rate": 0.4, "seed": 1},
        shape=(2, 3, 5),
        random=True,
    ),
    *(
        LayerRow(
            cl.SpatialDropout2D,
            keras.layers.SpatialDropout2D,
            identity,
            {"rate": 0.4, "data_format": data_format},
            shape=(2, 3, 4, 5),
            random=True,
        )
        for data_format in (None, "channels_first")
    ),
]
