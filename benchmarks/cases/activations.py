"""Activations, as functions and as layers."""

import numpy as np

from benchmarks.cases import FunctionCase, LayerCase

HIDDEN = (128, 1024)
IMAGES = (32, 28, 28, 32)


def _function(name, **kwargs):
    x = np.random.default_rng(1).normal(size=HIDDEN)
    return FunctionCase(name, (x,), kwargs)


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
