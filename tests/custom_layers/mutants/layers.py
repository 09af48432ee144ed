"""Broken layers."""

from keras import ops

import custom_layers as cl

from ..checks import common, layers
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


@mutant(layers.check_gradient, DENSE)
class HasNoGradientOfTheKernel(cl.Dense):
    def call(self, inputs, training=None):
        outputs = ops.matmul(inputs, ops.stop_gradient(self.kernel))
        return self.activate(outputs + self.bias)


@mutant(layers.check_gradient, DENSE)
class HasHalfTheGradient(cl.Dense):
    def call(self, inputs, training=None):
        outputs = super().call(inputs)
        return (outputs + ops.stop_gradient(outputs)) / 2


@mutant(layers.check_namesake, DENSE)
class FreezesAWeight(cl.Dense):
    def build(self, input_shape):
        super().build(input_shape)
        self.bias.trainable = False


@mutant(layers.check_namesake, DENSE)
class RenamesAWeight(cl.Dense):
    def add_bias(self, size):
        return self.add_weight((size,), name="offset")


@mutant(layers.check_namesake, DENSE)
class SwapsItsWeights(cl.Dense):
    def build(self, input_shape):
        self.bias = self.add_bias(self.units)
        self.kernel = self.add_kernel((input_shape[-1], self.units))


@mutant(layers.check_namesake, PENALIZED)
class ForgetsAPenalty(cl.Dense):
    def __init__(self, units, **kwargs):
        super().__init__(units, **kwargs)
        self.kernel_regularizer = None


@mutant(layers.check_namesake, PENALIZED)
class ForgetsAConstraint(cl.Dense):
    def __init__(self, units, **kwargs):
        super().__init__(units, **kwargs)
        self.kernel_constraint = None


@mutant(layers.check_namesake, DENSE)
class StopsMasks(cl.Dense):
    def __init__(self, units, **kwargs):
        super().__init__(units, **kwargs)
        self.supports_masking = False


@mutant(layers.check_config, DENSE)
class DropsAConfigKey(cl.Dense):
    def get_config(self):
        config = super().get_config()
        del config["use_bias"]
        return config


@mutant(layers.check_config, DENSE)
class AddsAConfigKey(cl.Dense):
    def get_config(self):
        return super().get_config() | {"colour": "blue"}


@mutant(layers.check_config, DENSE)
class RewritesAnArgumentInBuild(cl.Dense):
    def build(self, input_shape):
        super().build(input_shape)
        self.bias_initializer = cl.initializers.Ones()


@mutant(common.check_config_round_trip, DENSE)
class ForgetsAnArgument(cl.Dense):
    @classmethod
    def from_config(cls, config):
        return cls(**config | {"activation": None})


@mutant(layers.check_arguments, DENSE)
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


@mutant(layers.check_arguments, DENSE)
class IsCalledWithLess(cl.Dense):
    def call(self, inputs):
        return super().call(inputs)


@mutant(layers.check_shapes, DENSE)
class TellsAWrongShape(cl.Dense):
    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.units + 1)


@mutant(layers.check_mixed_precision, DENSE)
class ComputesInSinglePrecision(cl.Dense):
    def call(self, inputs, training=None):
        return ops.cast(super().call(inputs), "float32")


@mutant(layers.check_forms, DENSE)
class DiffersWhenCompiled(cl.Dense):
    def call(self, inputs, training=None):
        outputs = super().call(inputs)
        return outputs if is_concrete(inputs) else outputs + 1


@mutant(layers.check_no_retracing, DENSE)
class RemembersTheBatch(cl.Dense):
    def call(self, inputs, training=None):
        return ops.reshape(super().call(inputs), (int(inputs.shape[0]), self.units))


@mutant(layers.check_no_retracing, DENSE)
class RemembersTheFirstInputs(cl.Dense):
    def call(self, inputs, training=None):
        if not is_concrete(inputs):
            inputs = inputs * 0
        return super().call(inputs)


@mutant(layers.check_integer_inputs, row_of(cl.Flatten))
class MakesFloats(cl.Flatten):
    def call(self, inputs):
        return ops.cast(super().call(inputs), "float32")


@mutant(layers.check_oracle, row_of(cl.Flatten, data_format="channels_first"))
class KeepsTheChannelsInFront(cl.Flatten):
    def call(self, inputs):
        return ops.reshape(inputs, (inputs.shape[0], -1))


@mutant(layers.check_oracle, row_of(cl.Conv2D, padding="same"))
class FlipsItsKernel(cl.Conv2D):
    def call(self, inputs):
        self.kernel.assign(ops.flip(self.kernel.value, axis=(0, 1)))
        return super().call(inputs)


@mutant(layers.check_oracle, row_of(cl.Conv2D, padding="same"))
class IgnoresItsStrides(cl.Conv2D):
    def call(self, inputs):
        self.strides = (1, 2)
        return super().call(inputs)


@mutant(layers.check_namesake, row_of(cl.Conv2D, groups=2))
class ForgetsThePenaltyOnOutputs(cl.Conv2D):
    def __init__(self, *args, activity_regularizer=None, **kwargs):
        super().__init__(*args, **kwargs)


@mutant(layers.check_oracle, row_of(cl.MaxPooling2D))
class TakesTheMean(cl.MaxPooling2D):
    def call(self, inputs):
        return ops.average_pool(inputs, self.pool_size, self.strides, self.padding)


@mutant(layers.check_oracle, row_of(cl.AveragePooling2D, padding="same"))
class CountsTheBorder(cl.AveragePooling2D):
    def call(self, inputs):
        ones = ops.average_pool(
            ops.pad(ops.ones_like(inputs), ((0, 0), (1, 1), (1, 1), (0, 0))),
            self.pool_size,
            self.strides,
        )
        outputs = super().call(inputs)
        return outputs * ones[:, : outputs.shape[1], : outputs.shape[2]]


@mutant(layers.check_oracle, row_of(cl.Dropout))
class DropsAtInference(cl.Dropout):
    def call(self, inputs, training=False):
        return super().call(inputs, training=True)


@mutant(layers.check_oracle, row_of(cl.GaussianNoise))
class NoisyAtInference(cl.GaussianNoise):
    def call(self, inputs, training=False):
        return super().call(inputs, training=True)


@mutant(layers.check_oracle, row_of(cl.Rescaling))
class SubtractsTheOffset(cl.Rescaling):
    def call(self, inputs):
        return super().call(inputs) - 2 * self.offset


@mutant(layers.check_oracle, row_of(cl.Normalization))
class DividesByTheVariance(cl.Normalization):
    def call(self, inputs):
        return (inputs - self.mean) / self.variance


@mutant(layers.check_oracle, row_of(cl.Normalization, invert=True))
class DoesNotInvert(cl.Normalization):
    def call(self, inputs):
        self.invert = False
        return super().call(inputs)


@mutant(common.check_registered, DENSE)
class IsNotRegistered(cl.Dense):
    pass


@mutant(common.check_documented, DENSE)
class IsNotDocumented(cl.Dense):
    """Some layer."""
