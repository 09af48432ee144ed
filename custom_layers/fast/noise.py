"""Random numbers by Philox, which XLA too draws fast.

Keras leaves the algorithm to TensorFlow, which under XLA on a CPU takes one that is a
hundred times slower than Philox, its choice in a plain graph.
"""

import keras
import tensorflow as tf

from custom_layers._types import Tensor


def uniform(shape: tuple, dtype: str, seed: keras.random.SeedGenerator) -> Tensor:
    """Draws from [0, 1): the numbers of `keras.random.uniform`."""
    return tf.random.stateless_uniform(shape, _next(seed), dtype=dtype, alg="philox")


def normal(shape: tuple, dtype: str, seed: keras.random.SeedGenerator) -> Tensor:
    """Draws with mean 0 and variance 1: the numbers of `keras.random.normal`."""
    return tf.random.stateless_normal(shape, _next(seed), dtype=dtype, alg="philox")


def dropped(inputs: Tensor, keep: Tensor, rate: float) -> Tensor:
    """`inputs * keep / (1 - rate)`, 0 where an input that is no number is dropped."""
    factors = tf.cast(keep, inputs.dtype) / (1 - rate)
    return tf.math.multiply_no_nan(inputs, factors)


def _next(seed: keras.random.SeedGenerator) -> Tensor:
    """The next seed, in the range of 32 bits that XLA takes."""
    return tf.cast(tf.math.floormod(seed.next(), tf.int32.max - 1), "int32")
