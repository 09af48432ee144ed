"""Broken layers: convolution."""

from keras import ops

import custom_layers as cl

from ..checks import layers
from .listing import mutant, row_of


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


@mutant(layers.check_namesake, row_of(cl.Conv2D, groups=2), "losses")
class ForgetsThePenaltyOnOutputs(cl.Conv2D):
    def __init__(self, *args, activity_regularizer=None, **kwargs):
        super().__init__(*args, **kwargs)


@mutant(layers.check_oracle, row_of(cl.Conv1D, padding="causal"))
class SeesTheFuture(cl.Conv1D):
    def call(self, inputs):
        self.padding = "same"
        return super().call(inputs)


@mutant(layers.check_oracle, row_of(cl.Conv2D, groups=2))
class SwapsItsGroups(cl.Conv2D):
    def call(self, inputs):
        return super().call(ops.roll(inputs, 2, axis=-1))


@mutant(layers.check_oracle, row_of(cl.Conv2DTranspose, strides=(2, 3)))
@mutant(
    layers.check_shapes, row_of(cl.Conv2DTranspose, strides=(2, 3)), "symbolic shape"
)
class DropsTheLastColumn(cl.Conv2DTranspose):
    def call(self, inputs):
        return super().call(inputs)[:, :, :-1]


@mutant(layers.check_oracle, row_of(cl.Conv2DTranspose, padding="same"))
class ConvolvesWithTheTransposedKernel(cl.Conv2DTranspose):
    def call(self, inputs):
        kernel = ops.transpose(self.kernel.value, (1, 0, 2, 3))
        self.kernel.assign(ops.copy(kernel))
        return super().call(inputs)


@mutant(
    layers.check_config,
    row_of(cl.Conv2DTranspose, output_padding=(2, 1)),
    "missing config keys",
)
class ForgetsItsOutputPadding(cl.Conv2DTranspose):
    def get_config(self):
        config = super().get_config()
        del config["output_padding"]
        return config


@mutant(layers.check_oracle, row_of(cl.DepthwiseConv2D, strides=2))
class MixesItsMultiples(cl.DepthwiseConv2D):
    def call(self, inputs):
        outputs = super().call(inputs)
        shape = ops.shape(outputs)
        maps = ops.reshape(outputs, (*shape[:3], -1, self.depth_multiplier))
        return ops.reshape(ops.swapaxes(maps, 3, 4), shape)


@mutant(layers.check_config, row_of(cl.DepthwiseConv2D), "missing config keys")
class NamesItsArgumentsAfterTheKernel(cl.DepthwiseConv2D):
    def get_config(self):
        config = super().get_config()
        config["kernel_initializer"] = config.pop("depthwise_initializer")
        return config


@mutant(layers.check_namesake, row_of(cl.SeparableConv2D, padding="same"), "losses")
class HasNoPenaltyOnPoints(cl.SeparableConv2D):
    def __init__(self, *args, pointwise_regularizer=None, **kwargs):
        super().__init__(*args, **kwargs)


@mutant(layers.check_gradient, row_of(cl.SeparableConv2D), "gradient")
class FreezesItsFirstStep(cl.SeparableConv2D):
    def call(self, inputs):
        return super().call(ops.stop_gradient(inputs))
