"""Rows of pooling layers."""

from functools import partial

import keras

import custom_layers as cl

from ..oracles import pooling as oracle
from ..oracles.convolution import channels_first
from ..table import LayerRow

_MAX = partial(LayerRow, cl.MaxPooling2D, keras.layers.MaxPooling2D, shape=(2, 7, 6, 3))
_MEAN = partial(
    LayerRow, cl.AveragePooling2D, keras.layers.AveragePooling2D, shape=(2, 7, 6, 3)
)
_HALVED = {"size": (2, 2), "strides": (2, 2)}
_UNEVEN = {"size": (3, 2), "strides": (2, 1), "padding": "same"}
_UNEVEN_OPTIONS = {"pool_size": (3, 2), "strides": (2, 1), "padding": "same"}

LAYERS = [
    _MAX(partial(oracle.max_pool, **_HALVED)),
    _MAX(partial(oracle.max_pool, **_UNEVEN), _UNEVEN_OPTIONS),
    _MAX(
        channels_first(partial(oracle.max_pool, **_HALVED)),
        {"data_format": "channels_first"},
        shape=(2, 3, 7, 6),
    ),
    _MEAN(partial(oracle.average_pool, **_HALVED), {"pool_size": 2}),
    _MEAN(partial(oracle.average_pool, **_UNEVEN), _UNEVEN_OPTIONS),
]
