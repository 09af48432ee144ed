"""Activations, as functions and as layers."""

import keras
import numpy as np
from keras import ops

from benchmarks.cases import FunctionCase, LayerCase

HIDDEN = (128, 1024)
IMAGES = (32, 28, 28, 32)


def _function(name, peer=None):
    x = np.random.default_rng(1).normal(size=HIDDEN)
    return FunctionCase(name, (x,), peer=peer)


def compared(x):
    """The comparison as numbers; it has no gradient."""
    return ops.cast(x >= 0, x.dtype)


def half_at_zero(x):
    """Keras' step function."""
    return ops.heaviside(x, 0.5)


def signs(x):
    """A selection of two numbers."""
    return ops.where(x >= 0, 1.0, -1.0)


def _threshold(name, peer):
    x = np.random.default_rng(1).normal(size=HIDDEN)
    return FunctionCase(name, (x,), peer=peer, differentiable=False)


CASES = [
    _function("linear"),
    _function("sigmoid"),
    _function("tanh"),
    _function("relu"),
    _function("leaky_relu"),
    _function("elu"),
    _function("softplus"),
    _function("gelu"),
    _function("softmax"),
    _function("identity", keras.activations.linear),
    _threshold("unit_step", compared),
    _threshold("heaviside", half_at_zero),
    _threshold("sign_threshold", signs),
    _threshold("stair_step", ops.floor),
    LayerCase("Activation", {"activation": "relu"}, IMAGES),
    LayerCase("ReLU", {"max_value": 6.0}, IMAGES),
    LayerCase("ReLU", {"negative_slope": 0.1, "threshold": 0.5}, IMAGES),
    LayerCase("LeakyReLU", {}, IMAGES),
    LayerCase("ELU", {}, IMAGES),
    LayerCase("ELU", {"alpha": 0.5}, IMAGES),
    LayerCase("Softmax", {}, HIDDEN),
    LayerCase("Softmax", {"axis": 1}, (64, 10, 128)),
    LayerCase("PReLU", {}, HIDDEN),
    LayerCase("PReLU", {"shared_axes": (1, 2)}, IMAGES),
    LayerCase("ActivityRegularization", {"l1": 1e-3, "l2": 1e-3}, HIDDEN),
]
