"""Broken layers: pooling."""

from keras import ops

import custom_layers as cl

from .. import rows
from ..checks import layers
from .listing import mutant, row_of

MASKED = next(
    row
    for row in rows.LAYERS
    if row.component is cl.GlobalAveragePooling1D and row.call
)


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


@mutant(layers.check_oracle, row_of(cl.MaxPooling1D, padding="same"))
class LetsTheBorderWin(cl.MaxPooling1D):
    def call(self, inputs):
        return ops.maximum(super().call(inputs), 0)


@mutant(layers.check_oracle, row_of(cl.AveragePooling1D))
class SumsTheWindow(cl.AveragePooling1D):
    def call(self, inputs):
        return super().call(inputs) * self.pool_size[0]


@mutant(layers.check_namesake_gradient, row_of(cl.GlobalMaxPooling2D), "gradient")
@mutant(layers.check_gradient, row_of(cl.GlobalMaxPooling2D), "gradient")
class BlamesAllPoints(cl.GlobalMaxPooling2D):
    def call(self, inputs):
        mean = ops.mean(inputs, axis=(1, 2))
        return mean + ops.stop_gradient(super().call(inputs) - mean)


@mutant(layers.check_oracle, MASKED)
class CountsMaskedSteps(cl.GlobalAveragePooling1D):
    def call(self, inputs, mask=None):
        kept = ops.cast(mask, "float32")[..., None]
        return ops.mean(inputs * kept, axis=1)


@mutant(
    layers.check_shapes,
    row_of(cl.GlobalAveragePooling2D, keepdims=True),
    "symbolic shape",
)
class ForgetsThatItKeepsDimensions(cl.GlobalAveragePooling2D):
    def compute_output_shape(self, input_shape):
        return super().compute_output_shape(input_shape)[:2]
