"""Random numbers by Philox, which is fast under XLA, too.

Keras leaves the algorithm to TensorFlow, which under XLA on a CPU chooses one that is
a hundred times slower than Philox, its choice in a plain graph.
"""

import keras
import tensorflow as tf

from custom_layers._types import Tensor


def uniform(shape: tuple, dtype: str, seed: keras.random.SeedGenerator) -> Tensor:
    """Uniform samples from [0, 1), equal to those of `keras.random.uniform`."""
    return tf.random.stateless_uniform(shape, _next(seed), dtype=dtype, alg="philox")


def normal(shape: tuple, dtype: str, seed: keras.random.SeedGenerator) -> Tensor:
    """Standard normal samples, equal to those of `keras.random.normal`."""
    return tf.random.stateless_normal(shape, _next(seed), dtype=dtype, alg="philox")


def dropped(inputs: Tensor, keep: Tensor, rate: float) -> Tensor:
    """`inputs * keep / (1 - rate)`, 0 where NaN or infinity is dropped."""
    factors = tf.cast(keep, inputs.dtype) / (1 - rate)
    return tf.math.multiply_no_nan(inputs, factors)


def _next(seed: keras.random.SeedGenerator) -> Tensor:
    """The next seed, in the range of 32 bits that XLA supports."""
    return tf.cast(tf.math.floormod(seed.next(), tf.int32.max - 1), "int32")
