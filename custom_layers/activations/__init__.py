"""Activation functions, by name or as functions.

The backends' own relu, sigmoid, softmax and the like are the primitives here, as
the matrix product is for a dense layer: each is one numerically stable operation,
which compilers and ONNX converters recognise by name.
"""

from custom_layers.activations.identities import identity, linear
from custom_layers.activations.lookup import deserialize, get, serialize
from custom_layers.activations.probabilities import softmax
from custom_layers.activations.rectifiers import elu, leaky_relu, relu
from custom_layers.activations.smooth import gelu, sigmoid, softplus, tanh
from custom_layers.activations.thresholds import (
    heaviside,
    sign_threshold,
    stair_step,
    unit_step,
)

__all__ = [
    "deserialize",
    "elu",
    "gelu",
    "get",
    "heaviside",
    "identity",
    "leaky_relu",
    "linear",
    "relu",
    "serialize",
    "sigmoid",
    "sign_threshold",
    "softmax",
    "softplus",
    "stair_step",
    "tanh",
    "unit_step",
]
