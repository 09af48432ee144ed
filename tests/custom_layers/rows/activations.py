"""Rows of activations, as functions and as layers."""

from functools import partial

import keras
import numpy as np

import custom_layers as cl

from ..oracles import activations as oracle
from ..table import ActivationRow, LayerRow

RELU = {"negative_slope": 0.1, "max_value": 1.5, "threshold": 0.5}
IMAGE = (2, 4, 5, 3)


def _function(name, expected=None, peer=None, flat=False, **kwargs):
    return ActivationRow(
        getattr(cl.activations, name),
        peer or getattr(keras.activations, name, None),
        expected or getattr(oracle, name),
        kwargs,
        flat=flat,
    )


_step = partial(_function, flat=True)

ACTIVATIONS = [
    _function("identity", peer=keras.activations.linear),
    _function("linear", oracle.identity),
    _step("unit_step"),
    _step("heaviside"),
    _step("heaviside", value_at_zero=1.0),
    _step("sign_threshold"),
    _step("stair_step"),
    _step("stair_step", width=0.5, height=-2.0),
    _function("sigmoid"),
    _function("tanh", np.tanh),
    _function("relu"),
    _function("relu", negative_slope=0.1),
    _function("relu", **RELU),
    _function("relu", max_value=6.0),
    _function("leaky_relu", partial(oracle.relu, negative_slope=0.2)),
    _function("leaky_relu", oracle.relu, negative_slope=0.7),
    _function("elu"),
    _function("elu", alpha=0.7),
    _function("softplus"),
    _function("gelu"),
    _function("gelu", approximate=True),
    _function("softmax"),
    _function("softmax", axis=1),
    _function("softmax", axis=(1, 2)),
]


def _off_zero(rng, shape):
    """Numbers between which a central difference meets no kink."""
    x = rng.normal(size=shape)
    return x + np.copysign(0.1, x)


def _layer(name, expected, kwargs=None, peer=None, **more):
    return LayerRow(
        getattr(cl, name),
        peer or getattr(keras.layers, name),
        expected,
        kwargs or {},
        draw=_off_zero,
        **more,
    )


def _kept(batch):
    """A mask that keeps something of every row, and not all of every one."""
    return {"mask": (np.arange(batch * 12) % 5 > 1).reshape(batch, 3, 4)}


LAYERS = [
    _layer("Activation", oracle.relu, {"activation": "relu"}),
    _layer("Activation", np.tanh, {"activation": "tanh"}, shape=IMAGE),
    LayerRow(
        cl.Activation,
        None,
        oracle.sign_threshold,
        {"activation": "sign_threshold"},
        draw=_off_zero,
        flat=True,
    ),
    _layer("ReLU", oracle.relu),
    _layer("ReLU", partial(oracle.relu, **RELU), RELU, shape=IMAGE),
    _layer("LeakyReLU", partial(oracle.relu, negative_slope=0.3)),
    _layer("ELU", partial(oracle.elu, alpha=0.7), {"alpha": 0.7}),
    _layer("ELU", oracle.elu, shape=IMAGE),
    _layer("Softmax", oracle.softmax),
    _layer("Softmax", partial(oracle.softmax, axis=1), {"axis": 1}, shape=IMAGE),
    _layer(
        "Softmax", partial(oracle.softmax, axis=(1, 3)), {"axis": (1, 3)}, shape=IMAGE
    ),
    _layer("Softmax", oracle.masked_softmax, shape=(2, 3, 4), call=_kept),
    _layer("PReLU", oracle.prelu),
    _layer(
        "PReLU",
        oracle.prelu,
        {
            "alpha_initializer": "he_normal",
            "alpha_regularizer": "l1",
            "alpha_constraint": "non_neg",
            "shared_axes": (1, 2),
        },
        shape=IMAGE,
    ),
]
