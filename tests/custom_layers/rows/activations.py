"""Rows of activations."""

import keras
import numpy as np

import custom_layers as cl

from ..oracles import activations as oracle
from ..table import ActivationRow

ACTIVATIONS = [
    ActivationRow(cl.activations.identity, keras.activations.linear, oracle.identity),
    ActivationRow(cl.activations.linear, keras.activations.linear, oracle.identity),
    ActivationRow(cl.activations.relu, keras.activations.relu, oracle.relu),
    ActivationRow(
        cl.activations.relu,
        keras.activations.relu,
        oracle.relu,
        {"negative_slope": 0.1},
    ),
    ActivationRow(
        cl.activations.relu,
        keras.activations.relu,
        oracle.relu,
        {"negative_slope": 0.1, "max_value": 1.5, "threshold": 0.5},
    ),
    ActivationRow(
        cl.activations.relu, keras.activations.relu, oracle.relu, {"max_value": 6.0}
    ),
    ActivationRow(cl.activations.sigmoid, keras.activations.sigmoid, oracle.sigmoid),
    ActivationRow(cl.activations.tanh, keras.activations.tanh, np.tanh),
    ActivationRow(cl.activations.softmax, keras.activations.softmax, oracle.softmax),
    ActivationRow(
        cl.activations.softmax, keras.activations.softmax, oracle.softmax, {"axis": 1}
    ),
    ActivationRow(
        cl.activations.softmax,
        keras.activations.softmax,
        oracle.softmax,
        {"axis": (1, 2)},
    ),
]
