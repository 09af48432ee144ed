"""Optimizers."""

import keras
import numpy as np
from keras import ops
from keras.src.optimizers import base_optimizer

from benchmarks.cases import MLP, FunctionCase, ObjectCase, OptimizerCase


def clipped_values(gradients, limit):
    """Each gradient between two limits."""
    return [ops.clip(g, -limit, limit) for g in gradients]


def clipped_norms(gradients, limit):
    """The formula with Keras' norm of each gradient."""
    norms = [ops.norm(ops.reshape(g, (-1,))) for g in gradients]
    pairs = zip(gradients, norms, strict=True)
    return [g * limit / ops.maximum(norm, limit) for g, norm in pairs]


def clipped_as_in_keras(gradients, limit):
    """What Keras' optimizers do by `global_clipnorm`."""
    return base_optimizer.clip_by_global_norm(gradients, limit)


class Ramp(keras.optimizers.schedules.LearningRateSchedule):
    """The formula."""

    def __init__(self, rate, steps):
        self.rate, self.steps = rate, steps

    def __call__(self, step):
        return self.rate * ops.minimum((ops.cast(step, "float32") + 1) / self.steps, 1)


class Pieces(keras.optimizers.schedules.PiecewiseConstantDecay):
    """Keras' pieces of the same rates."""

    def __init__(self, initial_learning_rate, decay_steps, boundaries):
        rates = [initial_learning_rate * 0.1**k for k in range(len(boundaries) + 1)]
        super().__init__([int(decay_steps * each) for each in boundaries], rates)


_RULES = [
    ("SGD", {}),
    ("SGD", {"momentum": 0.9}),
    ("SGD", {"momentum": 0.9, "nesterov": True}),
    ("Adagrad", {}),
    ("RMSprop", {}),
    # A constant gradient has no variance: epsilon keeps the step finite.
    ("RMSprop", {"centered": True, "epsilon": 1e-3}),
    ("RMSprop", {"momentum": 0.9}),
    ("Adadelta", {}),
    ("Adam", {}),
    ("Adam", {"amsgrad": True}),
    ("AdamW", {}),
]

CASES = [
    OptimizerCase(name, kwargs, rows=rows)
    for rows in (0, 32 * 50)
    for name, kwargs in _RULES
    # Keras' centered RMSprop fails where a word occurs twice in a batch.
    if not (rows and "centered" in kwargs)
]
CASES += [OptimizerCase("PerceptronRule", peer=keras.optimizers.SGD)]

_RNG = np.random.default_rng(1)
_GRADIENTS = tuple(_RNG.normal(size=shape) for shape in MLP)
CASES += [
    FunctionCase(
        name,
        _GRADIENTS,
        {"limit": 1.0},
        kind="optimizers",
        peer=peer,
        listed=True,
        differentiable=False,
    )
    for name, peer in (
        ("clip_by_value", clipped_values),
        ("clip_by_norm", clipped_norms),
        ("clip_by_global_norm", clipped_as_in_keras),
    )
]
_PIECES = {"initial_learning_rate": 0.1, "decay_steps": 900, "boundaries": (0.5, 0.75)}
CASES += [
    ObjectCase(
        "Warmup",
        (np.int64(70),),
        {"rate": 0.1, "steps": 100},
        kind="optimizers.schedules",
        peer=Ramp,
        differentiable=False,
    ),
    ObjectCase(
        "StepDecay",
        (np.int64(700),),
        _PIECES,
        kind="optimizers.schedules",
        peer=Pieces,
        differentiable=False,
    ),
]
