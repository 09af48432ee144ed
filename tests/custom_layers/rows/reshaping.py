"""Rows of layers that move numbers and change none."""

from functools import partial

import keras
import numpy as np

import custom_layers as cl

from ..oracles import reshaping as oracle
from ..oracles.convolution import channels_first
from ..table import LayerRow

_FLATTEN = partial(LayerRow, cl.Flatten, keras.layers.Flatten, shape=(2, 3, 4, 5))

_LARGER = partial(
    LayerRow, cl.UpSampling2D, keras.layers.UpSampling2D, shape=(2, 3, 4, 2)
)
_PADDED = partial(
    LayerRow, cl.ZeroPadding2D, keras.layers.ZeroPadding2D, shape=(2, 3, 4, 2)
)

LAYERS = [
    _FLATTEN(oracle.flatten),
    _FLATTEN(
        lambda x: oracle.flatten(np.moveaxis(x, 1, -1)),
        {"data_format": "channels_first"},
    ),
    _LARGER(partial(oracle.repeat, factors=(2, 2))),
    _LARGER(
        channels_first(partial(oracle.repeat, factors=(2, 3))),
        {"size": (2, 3), "data_format": "channels_first"},
    ),
    _LARGER(
        partial(oracle.resize, factors=(2, 2), kernel=oracle.hat),
        {"interpolation": "bilinear"},
        precision="float32",
    ),
    _LARGER(
        channels_first(partial(oracle.resize, factors=(3, 2), kernel=oracle.hat)),
        {"size": (3, 2), "interpolation": "bilinear", "data_format": "channels_first"},
        precision="float32",
    ),
    _LARGER(
        partial(oracle.resize, factors=(2, 4), kernel=oracle.keys_cubic),
        {"size": (2, 4), "interpolation": "bicubic"},
        precision="float32",
        peer_differs=("torch",),  # another cubic
    ),
    _LARGER(
        partial(oracle.resize, factors=(2, 2), kernel=oracle.lanczos_3),
        {"interpolation": "lanczos3"},
        precision="float32",
        peer_differs=("torch",),  # has none
    ),
    _PADDED(partial(oracle.pad, borders=((1, 1), (1, 1)))),
    _PADDED(
        partial(oracle.pad, borders=((1, 0), (0, 2))), {"padding": ((1, 0), (0, 2))}
    ),
    _PADDED(
        channels_first(partial(oracle.pad, borders=((2, 2), (1, 1)))),
        {"padding": (2, 1), "data_format": "channels_first"},
    ),
]
