"""Broken layers: reshaping."""

from keras import ops

import custom_layers as cl

from ..checks import layers
from .listing import mutant, row_of


@mutant(layers.check_integer_inputs, row_of(cl.Flatten))
class MakesFloats(cl.Flatten):
    def call(self, inputs):
        return ops.cast(super().call(inputs), "float32")


@mutant(layers.check_oracle, row_of(cl.Flatten, data_format="channels_first"))
class KeepsTheChannelsInFront(cl.Flatten):
    def call(self, inputs):
        return ops.reshape(inputs, (inputs.shape[0], -1))
