"""Rows of initializers."""

import math

import keras

import custom_layers as cl

from ..table import InitializerRow


def _glorot(fan_in, fan_out):
    return 2 / (fan_in + fan_out)


def _he(fan_in, fan_out):
    return 2 / fan_in


def _lecun(fan_in, fan_out):
    return 1 / fan_in


def _uniform_limit(variance):
    return math.sqrt(3 * variance)


def _normal_limit(variance):
    return 2 * math.sqrt(variance) / 0.8796256610342398


def _initializer_row(name, oracle, limit=None, mean=0.0, **kwargs):
    return InitializerRow(
        getattr(cl.initializers, name),
        getattr(keras.initializers, name, None),
        oracle,
        kwargs,
        mean,
        limit,
    )


def _no_variance(fan_in, fan_out):
    return 0.0


def _fixed(variance):
    return lambda fan_in, fan_out: variance


# Of a standard normal variable cut off at -2 and 2.
_TRUNCATED = 0.8796256610342398**2


def _connected(fan_in, fan_out):
    """Of the 15 inputs of each unit that are drawn, and the zeros of the others."""
    return 15 / fan_in


INITIALIZERS = [
    _initializer_row("Zeros", _no_variance),
    _initializer_row("Ones", _no_variance, mean=1.0),
    _initializer_row("Constant", _no_variance, mean=0.25, value=0.25),
    _initializer_row("GlorotUniform", _glorot, _uniform_limit, seed=5),
    _initializer_row("GlorotNormal", _glorot, _normal_limit, seed=5),
    _initializer_row("HeUniform", _he, _uniform_limit, seed=5),
    _initializer_row("HeNormal", _he, _normal_limit, seed=5),
    _initializer_row("LecunNormal", _lecun, _normal_limit, seed=5),
    _initializer_row("RandomNormal", _fixed(0.05**2), seed=5),
    InitializerRow(
        cl.initializers.RandomNormal,
        keras.initializers.RandomNormal,
        _fixed(4.0),
        {"mean": 0.5, "stddev": 2.0, "seed": 5},
        mean=0.5,
    ),
    _initializer_row("RandomUniform", _fixed(0.1**2 / 12), _uniform_limit, seed=5),
    _initializer_row(
        "RandomUniform", _fixed(4 / 12), mean=2.0, minval=1.0, maxval=3.0, seed=5
    ),
    _initializer_row(
        "TruncatedNormal", _fixed(0.05**2 * _TRUNCATED), _normal_limit, seed=5
    ),
    _initializer_row("Orthogonal", _lecun, seed=5),
    _initializer_row("Sparse", _connected, seed=5),
]
