"""Rows of layers that move numbers and change none."""

from functools import partial

import keras
import numpy as np

import custom_layers as cl

from ..oracles import reshaping as oracle
from ..table import LayerRow

_FLATTEN = partial(LayerRow, cl.Flatten, keras.layers.Flatten, shape=(2, 3, 4, 5))

LAYERS = [
    _FLATTEN(oracle.flatten),
    _FLATTEN(
        lambda x: oracle.flatten(np.moveaxis(x, 1, -1)),
        {"data_format": "channels_first"},
    ),
]
