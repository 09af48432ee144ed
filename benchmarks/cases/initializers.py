"""Initializers."""

import keras
from keras import ops

from benchmarks.cases import InitializerCase

KERNEL = (784, 512)


class ShuffledNormal(keras.initializers.Initializer):
    """A few rows of normal numbers, and zeros, shuffled in each column."""

    def __call__(self, shape, dtype=None):
        order = ops.argsort(keras.random.uniform(shape, seed=1), axis=0)
        weights = keras.random.normal(shape, dtype=dtype, seed=2)
        return ops.where(order < 15, weights, 0.0)


CASES = [
    InitializerCase(name, KERNEL)
    for name in (
        "Zeros",
        "Ones",
        "Constant",
        "RandomNormal",
        "RandomUniform",
        "TruncatedNormal",
        "GlorotNormal",
        "GlorotUniform",
        "HeNormal",
        "HeUniform",
        "LecunNormal",
        "Orthogonal",
    )
]
CASES += [InitializerCase("Sparse", KERNEL, peer=ShuffledNormal)]
