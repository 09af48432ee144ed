"""Rows of optimizers and of gradient clipping."""

from functools import partial

import keras
import numpy as np

import custom_layers as cl

from ..oracles import optimizers as oracle
from ..table import FunctionRow, OptimizerRow


def _optimizer_row(cls, oracle, **kwargs):
    return OptimizerRow(cls, getattr(keras.optimizers, cls.__name__), oracle, kwargs)


_SGD = partial(_optimizer_row, cl.optimizers.SGD)
_ADAGRAD = partial(_optimizer_row, cl.optimizers.Adagrad)
_RMSPROP = partial(_optimizer_row, cl.optimizers.RMSprop)
_ADADELTA = partial(_optimizer_row, cl.optimizers.Adadelta)
_ADAM = partial(_optimizer_row, cl.optimizers.Adam)
_ADAMW = partial(_optimizer_row, cl.optimizers.AdamW)
_PERCEPTRON = partial(OptimizerRow, cl.optimizers.PerceptronRule, None)

OPTIMIZERS = [
    _SGD(oracle.sgd, learning_rate=0.1),
    _SGD(oracle.sgd, learning_rate=0.1, momentum=0.9),
    _SGD(oracle.sgd, learning_rate=0.1, momentum=0.9, nesterov=True),
    _SGD(None, momentum=0.5, weight_decay=0.1, clipnorm=0.5),
    _SGD(None, momentum=0.5, global_clipnorm=0.5, gradient_accumulation_steps=2),
    _SGD(
        None, nesterov=True, use_ema=True, ema_momentum=0.9, ema_overwrite_frequency=2
    ),
    _ADAGRAD(oracle.adagrad, learning_rate=0.1),
    _ADAGRAD(
        oracle.adagrad, learning_rate=0.1, initial_accumulator_value=0.0, epsilon=0.01
    ),
    _ADAGRAD(None, learning_rate=0.1, global_clipnorm=0.5, weight_decay=0.1),
    _RMSPROP(oracle.rmsprop, learning_rate=0.1),
    _RMSPROP(oracle.rmsprop, learning_rate=0.1, centered=True, epsilon=0.01),
    _RMSPROP(oracle.rmsprop, learning_rate=0.1, rho=0.7, momentum=0.5),
    _RMSPROP(oracle.rmsprop, learning_rate=0.1, momentum=0.5, centered=True),
    _RMSPROP(None, clipnorm=0.5, gradient_accumulation_steps=2, use_ema=True),
    _ADADELTA(oracle.adadelta, learning_rate=1.0),
    _ADADELTA(oracle.adadelta, learning_rate=1.0, rho=0.5, epsilon=0.01),
    _ADADELTA(None, learning_rate=1.0, clipvalue=0.5, weight_decay=0.1),
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
    _ADAMW(oracle.adamw, learning_rate=0.1),
    _ADAMW(oracle.adamw, learning_rate=0.1, weight_decay=0.5, amsgrad=True),
    _PERCEPTRON(oracle.perceptron_rule),
    _PERCEPTRON(oracle.perceptron_rule, {"learning_rate": 0.5}),
]


class ClippingRow(FunctionRow):
    """The function takes the arrays in one list."""

    @property
    def function(self):
        return lambda *gradients: self.component(list(gradients), **self.kwargs)


def _clipping_rows(function, oracle, *limits):
    rng = np.random.default_rng(31)
    gradients = tuple(rng.normal(size=shape) for shape in ((4, 3), (3,), ()))
    return [
        ClippingRow(function, None, oracle, {"limit": limit}, arguments=gradients)
        for limit in limits
    ]


FUNCTIONS = [
    *_clipping_rows(cl.optimizers.clip_by_value, oracle.clip_by_value, 0.5, 9.0),
    *_clipping_rows(cl.optimizers.clip_by_norm, oracle.clip_by_norm, 1.2, 9.0),
    *_clipping_rows(
        cl.optimizers.clip_by_global_norm, oracle.clip_by_global_norm, 1.0, 9.0
    ),
]
