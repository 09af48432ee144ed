"""Rows of convolution layers."""

from functools import partial

import keras
import numpy as np

import custom_layers as cl

from ..oracles import convolution as oracle
from ..table import PENALTIES, LayerRow

_CONV = partial(LayerRow, cl.Conv2D, keras.layers.Conv2D, shape=(2, 7, 6, 4))


def _tanh_conv(x, *weights):
    return np.tanh(oracle.conv(x, *weights, strides=(2, 1), padding="same"))


LAYERS = [
    _CONV(
        _tanh_conv,
        {
            "filters": 3,
            "kernel_size": 3,
            "strides": (2, 1),
            "padding": "same",
            "activation": "tanh",
        },
    ),
    _CONV(
        partial(oracle.conv, dilation=(2, 1)),
        {
            "filters": 3,
            "kernel_size": (2, 3),
            "dilation_rate": (2, 1),
            "use_bias": False,
        },
    ),
    _CONV(
        partial(oracle.conv, groups=2),
        {"filters": 6, "kernel_size": 2, "groups": 2, **PENALTIES},
    ),
    _CONV(
        oracle.channels_first(partial(oracle.conv, strides=(2, 2))),
        {"filters": 5, "kernel_size": 2, "strides": 2, "data_format": "channels_first"},
        shape=(2, 4, 7, 6),
        precision="float32",
    ),
]
