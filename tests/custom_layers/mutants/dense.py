"""Broken layers: dense."""

from keras import ops

import custom_layers as cl

from ..checks import common, export, layers
from .listing import is_concrete, mutant, row_of

DENSE = row_of(cl.Dense, activation="relu")
PENALIZED = row_of(cl.Dense, kernel_regularizer="l2")


@mutant(layers.check_oracle, DENSE)
@mutant(layers.check_namesake, DENSE)
class FlipsASign(cl.Dense):
    def call(self, inputs, training=None):
        return -super().call(inputs)


@mutant(layers.check_oracle, DENSE)
class ShiftsItsActivation(cl.Dense):
    def activate(self, outputs):
        return super().activate(outputs - 1e-3)


@mutant(layers.check_gradient, DENSE, "weight without a gradient")
class HasNoGradientOfTheKernel(cl.Dense):
    def call(self, inputs, training=None):
        outputs = ops.matmul(inputs, ops.stop_gradient(self.kernel))
        return self.activate(outputs + self.bias)


@mutant(layers.check_gradient, DENSE, "gradient")
class HasHalfTheGradient(cl.Dense):
    def call(self, inputs, training=None):
        outputs = super().call(inputs)
        return (outputs + ops.stop_gradient(outputs)) / 2


@mutant(layers.check_namesake, DENSE, "trainable_weights")
class FreezesAWeight(cl.Dense):
    def build(self, input_shape):
        super().build(input_shape)
        self.bias.trainable = False


@mutant(layers.check_namesake, DENSE, "trainable_weights")
class RenamesAWeight(cl.Dense):
    def add_bias(self, size):
        return self.add_weight((size,), name="offset")


@mutant(layers.check_namesake, DENSE)
class SwapsItsWeights(cl.Dense):
    def build(self, input_shape):
        self.bias = self.add_bias(self.units)
        self.kernel = self.add_kernel((input_shape[-1], self.units))


@mutant(layers.check_namesake, PENALIZED, "losses")
class ForgetsAPenalty(cl.Dense):
    def __init__(self, units, **kwargs):
        super().__init__(units, **kwargs)
        self.kernel_regularizer = None


@mutant(layers.check_namesake, PENALIZED, "constraints")
class ForgetsAConstraint(cl.Dense):
    def __init__(self, units, **kwargs):
        super().__init__(units, **kwargs)
        self.kernel_constraint = None


@mutant(layers.check_namesake, DENSE, "supports_masking")
class StopsMasks(cl.Dense):
    def __init__(self, units, **kwargs):
        super().__init__(units, **kwargs)
        self.supports_masking = False


@mutant(layers.check_config, DENSE, "missing config keys")
class DropsAConfigKey(cl.Dense):
    def get_config(self):
        config = super().get_config()
        del config["use_bias"]
        return config


@mutant(layers.check_config, DENSE, "extra config keys")
class AddsAConfigKey(cl.Dense):
    def get_config(self):
        return super().get_config() | {"colour": "blue"}


@mutant(layers.check_config, DENSE, "config after build")
class RewritesAnArgumentInBuild(cl.Dense):
    def build(self, input_shape):
        super().build(input_shape)
        self.bias_initializer = cl.initializers.Ones()


@mutant(common.check_config_round_trip, DENSE, "config")
class ForgetsAnArgument(cl.Dense):
    @classmethod
    def from_config(cls, config):
        return cls(**config | {"activation": None})


@mutant(layers.check_arguments, DENSE, "signature")
class HasAWrongDefault(cl.Dense):
    def __init__(
        self,
        units,
        activation=None,
        use_bias=False,
        kernel_initializer="glorot_uniform",
        bias_initializer="zeros",
        kernel_regularizer=None,
        bias_regularizer=None,
        activity_regularizer=None,
        kernel_constraint=None,
        bias_constraint=None,
        **kwargs,
    ):
        super().__init__(units, activation, use_bias, **kwargs)


@mutant(layers.check_arguments, DENSE, "signature of call")
class IsCalledWithLess(cl.Dense):
    def call(self, inputs):
        return super().call(inputs)


@mutant(layers.check_shapes, DENSE, "symbolic shape")
class TellsAWrongShape(cl.Dense):
    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.units + 1)


@mutant(layers.check_mixed_precision, DENSE, "dtype")
class ComputesInSinglePrecision(cl.Dense):
    def call(self, inputs, training=None):
        return ops.cast(super().call(inputs), "float32")


@mutant(layers.check_forms, DENSE)
class DiffersWhenCompiled(cl.Dense):
    def call(self, inputs, training=None):
        outputs = super().call(inputs)
        return outputs if is_concrete(inputs) else outputs + 1


@mutant(layers.check_no_retracing, DENSE, "trace for an open batch")
class RemembersTheBatch(cl.Dense):
    def call(self, inputs, training=None):
        return ops.reshape(super().call(inputs), (int(inputs.shape[0]), self.units))


@mutant(layers.check_no_retracing, DENSE)
class RemembersTheFirstInputs(cl.Dense):
    def call(self, inputs, training=None):
        if not is_concrete(inputs):
            inputs = inputs * 0
        return super().call(inputs)


@mutant(common.check_registered, DENSE, "registered name")
class IsNotRegistered(cl.Dense):
    pass


@mutant(common.check_documented, DENSE, "docstring")
class IsNotDocumented(cl.Dense):
    """Some layer."""


@mutant(layers.check_namesake_gradient, DENSE, "gradient")
class DoublesTheGradientOfTheBias(cl.Dense):
    def call(self, inputs, training=None):
        outputs = ops.matmul(inputs, self.kernel) + 2 * self.bias
        return self.activate(outputs - ops.stop_gradient(self.bias))


@mutant(export.check_export, DENSE)
class DiffersWhereItIsServed(cl.Dense):
    def call(self, inputs, training=None):
        outputs = super().call(inputs)
        return outputs if is_concrete(inputs) else outputs + 1
