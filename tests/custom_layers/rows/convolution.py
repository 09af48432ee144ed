"""Rows of convolution layers."""

from functools import partial

import keras
import numpy as np

import custom_layers as cl

from ..oracles import convolution as oracle
from ..table import PENALTIES, LayerRow

_CONV = partial(LayerRow, cl.Conv2D, keras.layers.Conv2D, shape=(2, 7, 6, 4))
_LINE = partial(LayerRow, cl.Conv1D, keras.layers.Conv1D, shape=(2, 8, 4))
_TRANSPOSE = partial(
    LayerRow, cl.Conv2DTranspose, keras.layers.Conv2DTranspose, shape=(2, 4, 3, 2)
)
_DEPTHWISE = partial(
    LayerRow, cl.DepthwiseConv2D, keras.layers.DepthwiseConv2D, shape=(2, 7, 6, 3)
)
_SEPARABLE = partial(
    LayerRow, cl.SeparableConv2D, keras.layers.SeparableConv2D, shape=(2, 7, 6, 3)
)
_OTHER_PENALTIES = {
    name.replace("kernel", "depthwise"): value for name, value in PENALTIES.items()
}


def _tanh_conv(x, *weights):
    return np.tanh(oracle.conv(x, *weights, strides=(2, 1), padding="same"))


def _first(function, **options):
    return oracle.channels_first(partial(function, **options))


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
        partial(oracle.conv, groups=4, padding="same"),
        {"filters": 8, "kernel_size": 3, "groups": 4, "padding": "same"},
    ),
    _CONV(
        oracle.channels_first(partial(oracle.conv, strides=(2, 2))),
        {"filters": 5, "kernel_size": 2, "strides": 2, "data_format": "channels_first"},
        shape=(2, 4, 7, 6),
        precision="float32",
    ),
    _LINE(
        partial(oracle.conv_1d, padding="causal", dilation=2),
        {"filters": 3, "kernel_size": 3, "padding": "causal", "dilation_rate": 2},
    ),
    _LINE(
        partial(oracle.conv_1d, padding="causal", strides=3),
        {"filters": 3, "kernel_size": 2, "padding": "causal", "strides": 3},
    ),
    _LINE(
        partial(oracle.conv_1d, padding="same", strides=2),
        {"filters": 3, "kernel_size": 3, "padding": "same", "strides": 2, **PENALTIES},
    ),
    _LINE(
        partial(oracle.conv_1d, groups=2),
        {"filters": 6, "kernel_size": 2, "groups": 2, "use_bias": False},
    ),
    _LINE(
        _first(oracle.conv_1d, padding="causal"),
        {
            "filters": 3,
            "kernel_size": 3,
            "padding": "causal",
            "data_format": "channels_first",
        },
        shape=(2, 4, 8),
        precision="float32",
    ),
    _TRANSPOSE(oracle.conv_transpose, {"filters": 3, "kernel_size": 3, **PENALTIES}),
    _TRANSPOSE(
        partial(oracle.conv_transpose, strides=(2, 3), more=(0, 1)),
        {"filters": 3, "kernel_size": (3, 2), "strides": (2, 3), "activation": None},
    ),
    _TRANSPOSE(
        partial(oracle.conv_transpose, strides=(2, 2), padding="same"),
        {"filters": 3, "kernel_size": 3, "strides": 2, "padding": "same"},
    ),
    _TRANSPOSE(
        partial(oracle.conv_transpose, strides=(3, 2), more=(2, 1)),
        {
            "filters": 3,
            "kernel_size": 2,
            "strides": (3, 2),
            "output_padding": (2, 1),
            "use_bias": False,
        },
    ),
    _TRANSPOSE(
        _first(oracle.conv_transpose, strides=(2, 2), padding="same"),
        {
            "filters": 3,
            "kernel_size": 2,
            "strides": 2,
            "padding": "same",
            "data_format": "channels_first",
        },
        shape=(2, 2, 4, 3),
        precision="float32",
    ),
    _DEPTHWISE(oracle.depthwise_conv, {"kernel_size": 3, **_OTHER_PENALTIES}),
    _DEPTHWISE(
        partial(oracle.depthwise_conv, strides=(2, 2), padding="same"),
        {
            "kernel_size": (3, 2),
            "strides": 2,
            "padding": "same",
            "depth_multiplier": 2,
            "use_bias": False,
        },
    ),
    _DEPTHWISE(
        partial(oracle.depthwise_conv, dilation=(2, 2)),
        {"kernel_size": 2, "dilation_rate": 2, "depth_multiplier": 2},
    ),
    _DEPTHWISE(
        partial(oracle.depthwise_conv, strides=(2, 2), dilation=(2, 2), padding="same"),
        {"kernel_size": 3, "strides": 2, "dilation_rate": 2, "padding": "same"},
    ),
    _DEPTHWISE(
        _first(oracle.depthwise_conv, padding="same"),
        {"kernel_size": 3, "padding": "same", "data_format": "channels_first"},
        shape=(2, 3, 7, 6),
    ),
    _SEPARABLE(
        oracle.separable_conv, {"filters": 4, "kernel_size": 3, **_OTHER_PENALTIES}
    ),
    _SEPARABLE(
        partial(oracle.separable_conv, strides=(2, 2), padding="same"),
        {
            "filters": 4,
            "kernel_size": 3,
            "strides": 2,
            "padding": "same",
            "depth_multiplier": 2,
            "use_bias": False,
            "pointwise_regularizer": "l2",
            "pointwise_constraint": "max_norm",
        },
    ),
    _SEPARABLE(
        _first(oracle.separable_conv, dilation=(2, 2)),
        {
            "filters": 5,
            "kernel_size": 2,
            "dilation_rate": 2,
            "data_format": "channels_first",
        },
        shape=(2, 3, 7, 6),
        precision="float32",
    ),
]
