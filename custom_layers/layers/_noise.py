"""Random numbers that layers draw in training."""

import keras
from keras import ops

from custom_layers._types import Tensor


def uniform(shape: tuple, dtype: str, seed: keras.random.SeedGenerator) -> Tensor:
    """Draws from [0, 1): the numbers of `keras.random.uniform`."""
    if keras.backend.backend() != "tensorflow":
        return keras.random.uniform(shape, dtype=dtype, seed=seed)
    import tensorflow as tf

    return tf.random.stateless_uniform(shape, _next(seed), dtype=dtype, alg="philox")


def normal(shape: tuple, dtype: str, seed: keras.random.SeedGenerator) -> Tensor:
    """Draws with mean 0 and variance 1: the numbers of `keras.random.normal`."""
    if keras.backend.backend() != "tensorflow":
        return keras.random.normal(shape, dtype=dtype, seed=seed)
    import tensorflow as tf

    return tf.random.stateless_normal(shape, _next(seed), dtype=dtype, alg="philox")


def kept(
    shape: tuple, rate: float, dtype: str, seed: keras.random.SeedGenerator
) -> Tensor:
    """Draws 0 with the probability `rate`, otherwise `1 / (1 - rate)`."""
    if rate == 1:
        return ops.zeros(shape, dtype)
    return ops.cast(uniform(shape, dtype, seed) >= rate, dtype) / (1 - rate)


def _next(seed: keras.random.SeedGenerator) -> Tensor:
    """The next seed, in the range of 32 bits that XLA takes.

    Keras leaves the algorithm to TensorFlow, which under XLA on a CPU takes one that
    is a hundred times slower than Philox, its choice in a plain graph.
    """
    import tensorflow as tf

    return tf.cast(tf.math.floormod(seed.next(), tf.int32.max - 1), "int32")
