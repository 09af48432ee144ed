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


@mutant(layers.check_namesake, row_of(cl.Conv2D, groups=2))
class ForgetsThePenaltyOnOutputs(cl.Conv2D):
    def __init__(self, *args, activity_regularizer=None, **kwargs):
        super().__init__(*args, **kwargs)
