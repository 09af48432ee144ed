"""Broken layers: scores of words."""

from keras import ops

import custom_layers as cl

from ..checks import layers
from .listing import mutant, row_of


@mutant(layers.check_oracle, row_of(cl.NegativeSampling))
class NoiseComesFirst(cl.NegativeSampling):
    def call(self, inputs, words, training=False):
        return ops.flip(super().call(inputs, words, training), -1)


@mutant(layers.check_oracle, row_of(cl.NegativeSampling))
class DrawsAtInference(cl.NegativeSampling):
    def call(self, inputs, words, training=False):
        return super().call(inputs, words, training=True)


@mutant(layers.check_oracle, row_of(cl.HierarchicalSoftmax))
class StartsAtTheLeaf(cl.HierarchicalSoftmax):
    def call(self, inputs, words):
        return ops.flip(super().call(inputs, words), -1)
