"""Rows of optimizers."""

from functools import partial

import keras

import custom_layers as cl

from ..oracles import optimizers as oracle
from ..table import OptimizerRow


def _optimizer_row(cls, oracle, **kwargs):
    return OptimizerRow(cls, getattr(keras.optimizers, cls.__name__), oracle, kwargs)


_SGD = partial(_optimizer_row, cl.optimizers.SGD)
_ADAM = partial(_optimizer_row, cl.optimizers.Adam)

OPTIMIZERS = [
    _SGD(oracle.sgd, learning_rate=0.1),
    _SGD(oracle.sgd, learning_rate=0.1, momentum=0.9),
    _SGD(oracle.sgd, learning_rate=0.1, momentum=0.9, nesterov=True),
    _SGD(None, momentum=0.5, weight_decay=0.1, clipnorm=0.5),
    _SGD(None, momentum=0.5, global_clipnorm=0.5, gradient_accumulation_steps=2),
    _SGD(
        None, nesterov=True, use_ema=True, ema_momentum=0.9, ema_overwrite_frequency=2
    ),
    _ADAM(oracle.adam, learning_rate=0.1),
    _ADAM(
        oracle.adam,
        learning_rate=0.1,
        beta_1=0.7,
        beta_2=0.9,
        epsilon=1e-2,
        amsgrad=True,
    ),
    _ADAM(None, learning_rate=0.1, weight_decay=0.1, clipvalue=0.5),
    _ADAM(
        None,
        amsgrad=True,
        use_ema=True,
        gradient_accumulation_steps=3,
        loss_scale_factor=8.0,
    ),
]
