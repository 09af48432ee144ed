"""Broken layers: preprocessing."""

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
