"""Broken initializers."""

import keras
from keras import ops

import custom_layers as cl

from ..checks import functions
from .listing import mutant, row_of

GLOROT = row_of(cl.initializers.GlorotUniform)
HE = row_of(cl.initializers.HeNormal)


@mutant(functions.check_initializer_oracle, HE, "variance")
@mutant(functions.check_initializer_namesake, HE)
class TakesTheOtherFan(cl.initializers.HeNormal):
    def _fans(self, shape):
        return super()._fans(shape)[::-1]


@mutant(functions.check_initializer_oracle, HE, "variance")
class DoesNotWiden(cl.initializers.HeNormal):
    def __call__(self, shape, dtype=None):
        return super().__call__(shape, dtype) * 0.8796


@mutant(functions.check_initializer_oracle, GLOROT, "limit")
class IsNormal(cl.initializers.GlorotUniform):
    distribution = "truncated_normal"


@mutant(functions.check_initializer_seed, GLOROT)
class ForgetsItsSeed(cl.initializers.GlorotUniform):
    def __init__(self, seed=None, **kwargs):
        super().__init__(seed=keras.random.SeedGenerator(3), **kwargs)


@mutant(functions.check_initializer_config, GLOROT, "missing config keys")
class DropsItsAxes(cl.initializers.GlorotUniform):
    def get_config(self):
        return {"seed": self.seed}


@mutant(functions.check_initializer_oracle, row_of(cl.initializers.Sparse), "variance")
class ConnectsEverything(cl.initializers.Sparse):
    def __call__(self, shape, dtype=None):
        drawn = keras.random.normal(shape, 0.0, self.stddev, dtype, self.seed)
        return drawn - ops.mean(drawn)


@mutant(functions.check_initializer_namesake, row_of(cl.initializers.Orthogonal))
class ForgetsTheSigns(cl.initializers.Orthogonal):
    def __call__(self, shape, dtype=None):
        rows, columns = shape
        tall = (max(shape), min(shape))
        q, _ = ops.qr(keras.random.normal(tall, seed=self.seed, dtype=dtype))
        return self.gain * (q if rows >= columns else ops.transpose(q))


@mutant(
    functions.check_initializer_namesake, row_of(cl.initializers.Orthogonal), "error"
)
class TakesVectors(cl.initializers.Orthogonal):
    def __call__(self, shape, dtype=None):
        return super().__call__(shape if len(shape) > 1 else (1, 1), dtype)


@mutant(
    functions.check_initializer_oracle,
    row_of(cl.initializers.TruncatedNormal),
    "variance",
)
class KeepsItsTails(cl.initializers.TruncatedNormal):
    def __call__(self, shape, dtype=None):
        return keras.random.normal(shape, self.mean, self.stddev, dtype, self.seed)


@mutant(
    functions.check_initializer_oracle, row_of(cl.initializers.RandomNormal), "variance"
)
class TakesTheVariance(cl.initializers.RandomNormal):
    def __call__(self, shape, dtype=None):
        return keras.random.normal(shape, self.mean, self.stddev**2, dtype, self.seed)
