"""Rows of the fully connected layer."""

from functools import partial

import keras

import custom_layers as cl

from ..oracles import activations, dense
from ..table import PENALTIES, LayerRow

_DENSE = partial(
    LayerRow,
    cl.Dense,
    keras.layers.Dense,
    out_of_scope=frozenset({"lora_rank", "lora_alpha", "quantization_config"}),
)


def _relu_dense(x, *weights):
    return activations.relu(dense.dense(x, *weights))


LAYERS = [
    _DENSE(_relu_dense, {"units": 4, "activation": "relu"}),
    _DENSE(dense.dense, {"units": 4, "use_bias": False}, shape=(2, 3, 5)),
    _DENSE(dense.dense, {"units": 4, "kernel_initializer": "he_normal", **PENALTIES}),
]
