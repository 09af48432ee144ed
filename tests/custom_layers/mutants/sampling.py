"""Broken layers: sampling."""

import custom_layers as cl

from ..checks import layers
from .listing import mutant, row_of


@mutant(layers.check_oracle, row_of(cl.GaussianSampling))
class DrawsAtInference(cl.GaussianSampling):
    def call(self, mean, log_variance, training=False):
        return super().call(mean, log_variance, training=True)


@mutant(layers.check_oracle, row_of(cl.GaussianSampling))
class GivesTheVariance(cl.GaussianSampling):
    def call(self, mean, log_variance, training=False):
        return super().call(log_variance, mean, training)


@mutant(layers.check_oracle, row_of(cl.AdversarialScores))
class ForgetsThePenaltysPlace(cl.AdversarialScores):
    def call(self, samples, training=False):
        return super().call(samples, training)[:, ::-1]
