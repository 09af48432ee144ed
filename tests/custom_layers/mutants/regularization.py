"""Broken layers: regularization."""

import custom_layers as cl

from ..checks import layers
from .listing import is_concrete, mutant, row_of


@mutant(layers.check_oracle, row_of(cl.Dropout))
class DropsAtInference(cl.Dropout):
    def call(self, inputs, training=False):
        return super().call(inputs, training=True)


@mutant(layers.check_oracle, row_of(cl.GaussianNoise))
class NoisyAtInference(cl.GaussianNoise):
    def call(self, inputs, training=False):
        return super().call(inputs, training=True)


@mutant(layers.check_oracle, row_of(cl.SpatialDropout1D))
class DropsChannelsAtInference(cl.SpatialDropout1D):
    def call(self, inputs, training=False):
        return super().call(inputs, training=True)


@mutant(layers.check_config, row_of(cl.SpatialDropout2D), "extra config keys")
class TellsItsNoise(cl.SpatialDropout2D):
    def get_config(self):
        return super().get_config() | {"noise_shape": None}


@mutant(layers.check_forms, row_of(cl.Dropout), "shape")
class LosesARowInTraining(cl.Dropout):
    def call(self, inputs, training=False):
        outputs = super().call(inputs, training=training)
        return outputs[1:] if training and not is_concrete(inputs) else outputs
