"""Rows of neurons that are more, or less, than a weighted sum."""

from functools import partial

import custom_layers as cl

from ..oracles import neurons as oracle
from ..table import PENALTIES, LayerRow


def _bits(rng, shape):
    return rng.integers(0, 2, size=shape).astype("float64")


KERNEL = [[1, -1], [1, 2], [-2, 1]]


def _mcculloch_pitts(x):
    return oracle.fires(x, KERNEL, [-0.5, -1.5])


def _bumps(x, log_gamma, centers):
    # Weights that training does not move come last.
    return oracle.rbf(x, centers, log_gamma)


LAYERS = [
    LayerRow(
        cl.McCullochPitts,
        None,
        _mcculloch_pitts,
        {"kernel": KERNEL, "threshold": [0.5, 1.5]},
        shape=(8, 3),
        draw=_bits,
        flat=True,
    ),
    LayerRow(cl.Perceptron, None, oracle.fires, flat=True),
    LayerRow(
        cl.Perceptron,
        None,
        oracle.fires_or_inhibits,
        {"units": 4, "activation": "sign_threshold", "use_bias": False},
        shape=(2, 3, 5),
        flat=True,
    ),
    LayerRow(cl.Maxout, None, oracle.maxout, {"units": 4, **PENALTIES}),
    LayerRow(
        cl.Maxout,
        None,
        partial(oracle.maxout, pieces=3),
        {"units": 4, "pieces": 3, "use_bias": False},
        shape=(2, 3, 5),
    ),
    LayerRow(cl.RBF, None, oracle.rbf, {"units": 4, "gamma": 0.5}),
    LayerRow(
        cl.RBF,
        None,
        _bumps,
        {"units": 4, "trainable_centers": False, "seed": 1, "adapt_samples": 9},
        shape=(2, 3, 2),
    ),
]
