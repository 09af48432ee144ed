"""Broken layers: preprocessing."""

from keras import ops

import custom_layers as cl

from ..checks import layers
from .listing import mutant, row_of


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


@mutant(layers.check_oracle, row_of(cl.MinMaxScaling, feature_range=(-1, 3)))
class ForgetsTheLowerBound(cl.MinMaxScaling):
    def call(self, inputs):
        return super().call(inputs) - self.feature_range[0]


@mutant(layers.check_oracle, row_of(cl.MissingValues))
class FillsWithZero(cl.MissingValues):
    def call(self, inputs):
        return super().call(inputs) * ops.cast(~ops.isnan(inputs), "float32")


@mutant(layers.check_gradient, row_of(cl.MissingValues), "gradient")
class FillsByArithmetic(cl.MissingValues):
    """Its values are right, but zero times NaN is NaN in the gradient."""

    def call(self, inputs):
        inputs = ops.cast(inputs, self.compute_dtype)
        clean = ops.where(ops.isnan(inputs), 0.0, inputs * inputs / inputs)
        return clean + ops.cast(ops.isnan(inputs), inputs.dtype) * self.fill


@mutant(layers.check_oracle, row_of(cl.MissingValues, indicator=True))
class FlagsThePresent(cl.MissingValues):
    def call(self, inputs):
        values, flags = ops.split(super().call(inputs), 2, axis=-1)
        return ops.concatenate([values, 1 - flags], axis=-1)
