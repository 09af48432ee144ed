"""Broken activations."""

from keras import ops

import custom_layers as cl

from .. import rows
from ..checks import common, export, functions, layers
from .listing import is_concrete, mutant, row_of

SIGMOID = row_of(cl.activations.sigmoid)
SOFTMAX = row_of(cl.activations.softmax)
LEAKY = row_of(cl.activations.relu, negative_slope=0.1)


@mutant(functions.check_activation_oracle, SIGMOID)
@mutant(functions.check_activation_namesake, SIGMOID)
@mutant(common.check_registered, SIGMOID, "registered name")
def shifted(x):
    return ops.sigmoid(x + 1e-3)


@mutant(functions.check_activation_name, SIGMOID, "what the name stands for")
def sigmoid(x):
    return cl.activations.sigmoid(x)


@mutant(functions.check_activation_gradient, SIGMOID, "gradient is zero")
def flat(x):
    return ops.stop_gradient(ops.sigmoid(x)) + 0 * x


@mutant(functions.check_activation_namesake, LEAKY, "gradient")
def has_no_slope_at_zero(x, negative_slope):
    return ops.relu(x) - negative_slope * ops.relu(ops.negative(x))


@mutant(functions.check_activation_extremes, SOFTMAX)
def overflows_soon(x, axis=-1):
    e = ops.exp(x)
    return e / ops.sum(e, axis=axis, keepdims=True)


@mutant(functions.check_activation_dtypes, SIGMOID, "dtype")
def computes_in_single_precision(x):
    return ops.sigmoid(ops.cast(x, "float32"))


@mutant(functions.check_activation_forms, SIGMOID)
@mutant(export.check_activation_export, SIGMOID)
def differs_when_compiled(x):
    return ops.sigmoid(x) + (0 if is_concrete(x) else 1)


STEP = row_of(cl.activations.unit_step)


@mutant(functions.check_activation_oracle, row_of(cl.activations.heaviside))
def is_one_below(x, value_at_zero=0.5):
    return 1 - cl.activations.heaviside(x, value_at_zero)


@mutant(functions.check_activation_gradient, STEP, "gradient is zero")
def passes_the_gradient_through(x):
    return x + ops.stop_gradient(cl.activations.unit_step(x) - x)


@mutant(functions.check_activation_oracle, row_of(cl.activations.stair_step, width=0.5))
def has_steps_of_width_one(x, width, height):
    return cl.activations.stair_step(x, 1.0, height)


@mutant(functions.check_activation_extremes, row_of(cl.activations.softplus))
def overflows(x):
    return ops.log(1 + ops.exp(x))


@mutant(functions.check_activation_namesake, row_of(cl.activations.elu, alpha=0.7))
@mutant(functions.check_activation_oracle, row_of(cl.activations.elu, alpha=0.7))
def ignores_alpha(x, alpha):
    return cl.activations.elu(x)


PRELU = row_of(cl.PReLU, shared_axes=(1, 2))
MASKED = next(row for row in rows.LAYERS if row.component is cl.Softmax and row.call)


@mutant(layers.check_oracle, PRELU)
class TakesTheSlopeOnBothSides(cl.PReLU):
    def call(self, inputs):
        return self.alpha * inputs


@mutant(layers.check_namesake, PRELU)
class SharesNothing(cl.PReLU):
    def build(self, input_shape):
        self.shared_axes = []
        super().build(input_shape)


@mutant(layers.check_gradient, row_of(cl.PReLU), "weight without a gradient")
class DoesNotLearnItsSlope(cl.PReLU):
    def call(self, inputs):
        return ops.where(inputs > 0, inputs, ops.stop_gradient(self.alpha) * inputs)


@mutant(layers.check_config, row_of(cl.ReLU, threshold=0.5))
class ForgetsItsThreshold(cl.ReLU):
    def get_config(self):
        return super().get_config() | {"threshold": 0.0, "max_value": None}


@mutant(layers.check_oracle, MASKED)
@mutant(layers.check_namesake, MASKED)
class IgnoresItsMask(cl.Softmax):
    def call(self, inputs, mask=None):
        return super().call(inputs)
