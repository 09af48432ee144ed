"""Broken layers: reshaping."""

from keras import ops

import custom_layers as cl

from ..checks import layers
from .listing import mutant, row_of


@mutant(layers.check_integer_inputs, row_of(cl.Flatten), "dtype")
class MakesFloats(cl.Flatten):
    def call(self, inputs):
        return ops.cast(super().call(inputs), "float32")


@mutant(layers.check_oracle, row_of(cl.Flatten, data_format="channels_first"))
class KeepsTheChannelsInFront(cl.Flatten):
    def call(self, inputs):
        return ops.reshape(inputs, (inputs.shape[0], -1))


@mutant(layers.check_oracle, row_of(cl.UpSampling2D))
class RepeatsTheImage(cl.UpSampling2D):
    def call(self, inputs):
        return ops.tile(inputs, (1, *self.size, 1))


@mutant(layers.check_oracle, row_of(cl.UpSampling2D, interpolation="bilinear"))
class AlignsTheCorners(cl.UpSampling2D):
    def call(self, inputs):
        return ops.roll(super().call(inputs), 1, axis=1)


@mutant(
    layers.check_mixed_precision,
    row_of(cl.UpSampling2D, interpolation="bicubic"),
    "dtype",
)
class AnswersInSinglePrecision(cl.UpSampling2D):
    def call(self, inputs):
        return ops.cast(super().call(inputs), "float32")


@mutant(layers.check_oracle, row_of(cl.ZeroPadding2D, padding=((1, 0), (0, 2))))
class PadsTheOtherSide(cl.ZeroPadding2D):
    def __init__(self, padding=(1, 1), data_format=None, **kwargs):
        super().__init__(padding, data_format, **kwargs)
        self.padding = tuple(border[::-1] for border in self.padding)


@mutant(layers.check_shapes, row_of(cl.ZeroPadding2D, padding=(2, 1)), "symbolic shape")
class ForgetsItsFormat(cl.ZeroPadding2D):
    def compute_output_shape(self, input_shape):
        self.data_format = "channels_last"
        return super().compute_output_shape(input_shape)
