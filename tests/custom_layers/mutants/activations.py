"""Broken activations."""

from keras import ops

import custom_layers as cl

from ..checks import common, export, functions
from .listing import is_concrete, mutant, row_of

SIGMOID = row_of(cl.activations.sigmoid)
SOFTMAX = row_of(cl.activations.softmax)
LEAKY = row_of(cl.activations.relu, negative_slope=0.1)


@mutant(functions.check_activation_oracle, SIGMOID)
@mutant(functions.check_activation_namesake, SIGMOID)
@mutant(common.check_registered, SIGMOID)
def shifted(x):
    return ops.sigmoid(x + 1e-3)


@mutant(functions.check_activation_name, SIGMOID)
def sigmoid(x):
    return cl.activations.sigmoid(x)


@mutant(functions.check_activation_gradient, SIGMOID)
def flat(x):
    return ops.stop_gradient(ops.sigmoid(x)) + 0 * x


@mutant(functions.check_activation_namesake, LEAKY)
def has_no_slope_at_zero(x, negative_slope):
    return ops.relu(x) - negative_slope * ops.relu(ops.negative(x))


@mutant(functions.check_activation_extremes, SOFTMAX)
def overflows_soon(x, axis=-1):
    e = ops.exp(x)
    return e / ops.sum(e, axis=axis, keepdims=True)


@mutant(functions.check_activation_dtypes, SIGMOID)
def computes_in_single_precision(x):
    return ops.sigmoid(ops.cast(x, "float32"))


@mutant(functions.check_activation_forms, SIGMOID)
@mutant(export.check_activation_export, SIGMOID)
def differs_when_compiled(x):
    return ops.sigmoid(x) + (0 if is_concrete(x) else 1)
