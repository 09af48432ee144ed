"""Rows of penalties, and of the layer that applies them."""

import keras

import custom_layers as cl

from ..oracles import regularizers as oracle
from ..oracles.activations import identity
from ..table import LayerRow, RegularizerRow


def _row(name, expected, **kwargs):
    return RegularizerRow(
        getattr(cl.regularizers, name),
        getattr(keras.regularizers, name),
        expected,
        kwargs,
    )


REGULARIZERS = [
    _row("L1", oracle.l1),
    _row("L1", oracle.l1, l1=0.3),
    _row("L2", oracle.l2),
    _row("L2", oracle.l2, l2=0.3),
    _row("L1L2", oracle.l1_l2, l1=0.3, l2=0.2),
    _row("L1L2", oracle.l1_l2, l1=0.3),
    _row("L1L2", oracle.l1_l2, l2=0.2),
]
LAYERS = [
    LayerRow(
        cl.ActivityRegularization,
        keras.layers.ActivityRegularization,
        identity,
        {"l1": 0.3, "l2": 0.2},
    ),
]
