"""Broken initializers."""

import keras

import custom_layers as cl

from ..checks import functions
from .listing import mutant, row_of

GLOROT = row_of(cl.initializers.GlorotUniform)
HE = row_of(cl.initializers.HeNormal)


@mutant(functions.check_initializer_oracle, HE)
@mutant(functions.check_initializer_namesake, HE)
class TakesTheOtherFan(cl.initializers.HeNormal):
    def _fans(self, shape):
        return super()._fans(shape)[::-1]


@mutant(functions.check_initializer_oracle, HE)
class DoesNotWiden(cl.initializers.HeNormal):
    def _normal(self, shape, dtype, variance):
        return super()._normal(shape, dtype, variance * 0.8796**2)


@mutant(functions.check_initializer_oracle, GLOROT)
class IsNormal(cl.initializers.GlorotUniform):
    def _uniform(self, shape, dtype, variance):
        return self._normal(shape, dtype, variance)


@mutant(functions.check_initializer_seed, GLOROT)
class ForgetsItsSeed(cl.initializers.GlorotUniform):
    def __init__(self, seed=None, **kwargs):
        super().__init__(seed=keras.random.SeedGenerator(3), **kwargs)


@mutant(functions.check_initializer_config, GLOROT)
class DropsItsAxes(cl.initializers.GlorotUniform):
    def get_config(self):
        return {"seed": self.seed}
