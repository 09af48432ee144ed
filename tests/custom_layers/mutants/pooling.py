"""Broken layers: pooling."""

from keras import ops

import custom_layers as cl

from ..checks import layers
from .listing import mutant, row_of


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
