"""Initializers of weights, by name or as objects."""

from custom_layers.initializers.constant import Constant, Ones, Zeros
from custom_layers.initializers.lookup import deserialize, get, serialize
from custom_layers.initializers.orthogonal import Orthogonal
from custom_layers.initializers.random import (
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
)
from custom_layers.initializers.sparse import Sparse
from custom_layers.initializers.variance_scaling import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
)

__all__ = [
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "LecunNormal",
    "Ones",
    "Orthogonal",
    "RandomNormal",
    "RandomUniform",
    "Sparse",
    "TruncatedNormal",
    "Zeros",
    "deserialize",
    "get",
    "serialize",
]
