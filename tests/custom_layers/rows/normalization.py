"""Rows of layers that normalize."""

from functools import partial

import keras
import numpy as np

import custom_layers as cl

from ..oracles import normalization as oracle
from ..table import LayerRow

_BATCH = partial(LayerRow, cl.BatchNormalization, keras.layers.BatchNormalization)
_LAYER = partial(LayerRow, cl.LayerNormalization, keras.layers.LayerNormalization)
_PENALTIES = {
    "gamma_regularizer": "l2",
    "beta_regularizer": "l1",
    "gamma_constraint": "non_neg",
    "beta_constraint": "max_norm",
}


def _statistics(shapes, rng):
    """Weights as those of training: the last of four or more are variances."""
    return [rng.uniform(0.5, 2, size=shape) for shape in shapes]


def _bare(x, mean, variance):
    return oracle.batch_norm(x, 1, 0, mean, variance, epsilon=0.01)


def _channels_first(x, *weights):
    y = oracle.batch_norm(np.moveaxis(x, 1, -1), *weights)
    return np.moveaxis(y, -1, 1)


def _masked(x, *weights, mask):
    return oracle.batch_norm(x, *weights)


def _renormed(x, gamma, beta, mean, variance, *averages):
    return oracle.batch_norm(x, gamma, beta, mean, variance)


def _mask(batch):
    return {"mask": np.arange(batch * 6).reshape(batch, 6) % 5 != 2}


LAYERS = [
    _BATCH(oracle.batch_norm, shape=(4, 5), weights=_statistics),
    _BATCH(oracle.batch_norm, _PENALTIES, shape=(2, 4, 3, 5), weights=_statistics),
    _BATCH(
        _bare,
        {"center": False, "scale": False, "momentum": 0.8, "epsilon": 0.01},
        shape=(2, 4, 3, 5),
        weights=_statistics,
    ),
    _BATCH(_channels_first, {"axis": 1}, shape=(2, 5, 4, 3), weights=_statistics),
    _BATCH(_masked, {}, shape=(2, 6, 5), call=_mask, weights=_statistics),
    _BATCH(
        _renormed,
        {"renorm": True, "renorm_clipping": {"rmax": 2.0, "dmax": 1.0}},
        shape=(4, 5),
        weights=_statistics,
        # Every call moves the averages that the next is corrected by.
        random=True,
    ),
    _LAYER(oracle.layer_norm, shape=(2, 3, 5)),
    _LAYER(
        partial(oracle.layer_norm, axes=(1, 2), epsilon=0.1),
        {"axis": (1, 2), "epsilon": 0.1, **_PENALTIES},
        shape=(2, 3, 5),
        weights=_statistics,
    ),
    _LAYER(
        lambda x, gamma: oracle.layer_norm(x, gamma[:, None], axes=(1,)),
        {"axis": 1, "center": False},
        shape=(2, 3, 5),
        peer_differs=("torch",),  # fails on axes before the last
    ),
    _LAYER(
        lambda x, beta: oracle.layer_norm(x, beta=beta), {"axis": [-1], "scale": False}
    ),
    _LAYER(oracle.layer_norm, {"center": False, "scale": False}),
]
