"""Broken layers: embedding."""

from keras import ops

import custom_layers as cl

from ..checks import layers
from .listing import mutant, row_of

PLAIN = row_of(cl.Embedding)
MASKED = row_of(cl.Embedding, mask_zero=True)


@mutant(layers.check_oracle, PLAIN)
class CountsFromOne(cl.Embedding):
    def call(self, inputs):
        return super().call(ops.maximum(inputs - 1, 0))


@mutant(layers.check_namesake, MASKED, "supports_masking")
class HasNoMask(cl.Embedding):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.supports_masking = False


@mutant(layers.check_namesake_gradient, PLAIN, "gradient")
class TeachesNothing(cl.Embedding):
    def call(self, inputs):
        return ops.stop_gradient(super().call(inputs))
