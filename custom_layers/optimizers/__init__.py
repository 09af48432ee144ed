"""Optimizers, their learning rate schedules, and gradient clipping."""

from custom_layers.optimizers import schedules as schedules
from custom_layers.optimizers.adadelta import Adadelta
from custom_layers.optimizers.adagrad import Adagrad
from custom_layers.optimizers.adam import Adam
from custom_layers.optimizers.adamw import AdamW
from custom_layers.optimizers.clipping import (
    clip_by_global_norm,
    clip_by_norm,
    clip_by_value,
)
from custom_layers.optimizers.perceptron import PerceptronRule
from custom_layers.optimizers.rmsprop import RMSprop
from custom_layers.optimizers.sgd import SGD

__all__ = [
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "PerceptronRule",
    "RMSprop",
    "clip_by_global_norm",
    "clip_by_norm",
    "clip_by_value",
]
