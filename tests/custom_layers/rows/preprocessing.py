"""Rows of layers that take raw measurements."""

from functools import partial

import keras
import numpy as np

import custom_layers as cl

from ..oracles import preprocessing as oracle
from ..table import LayerRow

_RESCALING = partial(LayerRow, cl.Rescaling, keras.layers.Rescaling)
_NORMALIZATION = partial(LayerRow, cl.Normalization, keras.layers.Normalization)


def _statistics(shapes, rng):
    mean, variance, count = shapes
    return [rng.normal(size=mean), rng.uniform(0.5, 2, size=variance), np.zeros(count)]


def _adapted(x, mean, variance, count):
    return oracle.normalize(x, mean, variance)


def _adapted_first_axis(x, mean, variance, count):
    return oracle.normalize(x, mean[:, None], variance[:, None], invert=True)


LAYERS = [
    _RESCALING(lambda x: x * 0.25 - 1, {"scale": 0.25, "offset": -1}),
    _RESCALING(
        lambda x: x * [1, 2, 3, 4, 5], {"scale": np.array([1.0, 2.0, 3.0, 4.0, 5.0])}
    ),
    _NORMALIZATION(_adapted, weights=_statistics),
    _NORMALIZATION(
        _adapted_first_axis,
        {"axis": (-2,), "invert": True},
        shape=(3, 4, 5),
        weights=_statistics,
    ),
    _NORMALIZATION(
        partial(oracle.normalize, mean=0.5, variance=4.0),
        {"axis": None, "mean": 0.5, "variance": 4.0},
    ),
    _NORMALIZATION(
        partial(oracle.normalize, mean=np.arange(5.0), variance=np.arange(1.0, 6.0)),
        {"mean": [0.0, 1.0, 2.0, 3.0, 4.0], "variance": [1.0, 2.0, 3.0, 4.0, 5.0]},
    ),
]
