"""Random numbers by Philox, which XLA too draws fast.

Keras leaves the algorithm to TensorFlow, which under XLA on a CPU takes one that is a
hundred times slower than Philox, its choice in a plain graph.
"""

from typing import Any

import keras
import tensorflow as tf
from keras import ops

from custom_layers._types import Tensor


def uniform(shape: tuple, dtype: str, seed: keras.random.SeedGenerator) -> Tensor:
    """Draws from [0, 1): the numbers of `keras.random.uniform`."""
    return tf.random.stateless_uniform(shape, _next(seed), dtype=dtype, alg="philox")


def normal(shape: tuple, dtype: str, seed: keras.random.SeedGenerator) -> Tensor:
    """Draws with mean 0 and variance 1: the numbers of `keras.random.normal`."""
    return tf.random.stateless_normal(shape, _next(seed), dtype=dtype, alg="philox")


def kept_of_many(
    shape: tuple, rate: float, dtype: str, seed: keras.random.SeedGenerator
) -> Tensor:
    """Draws what `kept` does from 16 random bits each, in half the time.

    The rate is rounded to a 65536th, and the others are scaled by what is left of
    it, so that the expectation stays 1. A rate that this would change by more than
    a thousandth of it, or of what it leaves, gets 32 bits.
    """
    hidden = round(rate * 2**16)
    rounding = abs(hidden / 2**16 - rate)
    if rounding > min(rate, 1 - rate) / 1000 or hidden == 2**16:
        return NotImplemented
    count = tf.reduce_prod(shape)
    every: Any = None  # as bounds, which asks for all integers
    pairs = tf.random.stateless_uniform(
        tf.stack([(count + 1) // 2]), _next(seed), every, every, tf.uint32, alg="philox"
    )
    numbers = tf.reshape(tf.bitcast(pairs, tf.uint16), [-1])[:count]
    keep = tf.reshape(numbers >= hidden, shape)
    return ops.cast(keep, dtype) * (2**16 / (2**16 - hidden))


def silenced(inputs: Tensor, keep: Tensor, rate: float) -> Tensor:
    """`inputs * keep / (1 - rate)`, 0 where an input that is no number is dropped."""
    factors = tf.cast(keep, inputs.dtype) / (1 - rate)
    return tf.math.multiply_no_nan(inputs, factors)


def _next(seed: keras.random.SeedGenerator) -> Tensor:
    """The next seed, in the range of 32 bits that XLA takes."""
    return tf.cast(tf.math.floormod(seed.next(), tf.int32.max - 1), "int32")
