"""Rows of initializers."""

import math

import keras

import custom_layers as cl

from ..table import InitializerRow


def _glorot(fan_in, fan_out):
    return 2 / (fan_in + fan_out)


def _he(fan_in, fan_out):
    return 2 / fan_in


def _uniform_limit(variance):
    return math.sqrt(3 * variance)


def _normal_limit(variance):
    return 2 * math.sqrt(variance) / 0.8796256610342398


def _initializer_row(name, oracle, limit=None, mean=0.0, **kwargs):
    return InitializerRow(
        getattr(cl.initializers, name),
        getattr(keras.initializers, name),
        oracle,
        kwargs,
        mean,
        limit,
    )


def _no_variance(fan_in, fan_out):
    return 0.0


INITIALIZERS = [
    _initializer_row("Zeros", _no_variance),
    _initializer_row("Ones", _no_variance, mean=1.0),
    _initializer_row("Constant", _no_variance, mean=0.25, value=0.25),
    _initializer_row("GlorotUniform", _glorot, _uniform_limit, seed=5),
    _initializer_row("GlorotNormal", _glorot, _normal_limit, seed=5),
    _initializer_row("HeUniform", _he, _uniform_limit, seed=5),
    _initializer_row("HeNormal", _he, _normal_limit, seed=5),
]
