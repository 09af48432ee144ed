"""Random numbers of layers in training."""

from typing import Any

import keras
from keras import ops

from custom_layers._types import Tensor


def uniform(shape: tuple, dtype: str, seed: keras.random.SeedGenerator) -> Tensor:
    """Uniform samples from [0, 1), equal to those of `keras.random.uniform`."""
    if keras.backend.backend() != "tensorflow":
        return keras.random.uniform(shape, dtype=dtype, seed=seed)
    import tensorflow as tf

    return tf.random.stateless_uniform(shape, _next(seed), dtype=dtype, alg="philox")


def normal(shape: tuple, dtype: str, seed: keras.random.SeedGenerator) -> Tensor:
    """Standard normal samples, equal to those of `keras.random.normal`."""
    if keras.backend.backend() != "tensorflow":
        return keras.random.normal(shape, dtype=dtype, seed=seed)
    import tensorflow as tf

    return tf.random.stateless_normal(shape, _next(seed), dtype=dtype, alg="philox")


def kept(
    shape: tuple, rate: float, dtype: str, seed: keras.random.SeedGenerator
) -> Tensor:
    """Dropout mask: 0 with probability `rate`, else `1 / (1 - rate)`."""
    if rate == 1:
        return ops.zeros(shape, dtype)
    return ops.cast(uniform(shape, dtype, seed) >= rate, dtype) / (1 - rate)


def kept_of_many(
    shape: tuple, rate: float, dtype: str, seed: keras.random.SeedGenerator
) -> Tensor:
    """Dropout mask from 16 random bits for each element, in half the time.

    The rate is rounded to a multiple of 1/65536 and the scale follows it, so that
    the expectation stays 1. Where rounding would change the rate or its complement
    by more than a thousandth of it, 32 bits are drawn.
    """
    hidden = round(rate * 2**16)
    rounding = abs(hidden / 2**16 - rate)
    if (
        keras.backend.backend() != "tensorflow"
        or rounding > min(rate, 1 - rate) / 1000
        or hidden == 2**16
    ):
        return kept(shape, rate, dtype, seed)
    import tensorflow as tf

    count = tf.reduce_prod(shape)
    every: Any = None  # as bounds, which asks for all integers
    pairs = tf.random.stateless_uniform(
        tf.stack([(count + 1) // 2]), _next(seed), every, every, tf.uint32, alg="philox"
    )
    numbers = tf.reshape(tf.bitcast(pairs, tf.uint16), [-1])[:count]
    keep = tf.reshape(numbers >= hidden, shape)
    return ops.cast(keep, dtype) * (2**16 / (2**16 - hidden))


def _next(seed: keras.random.SeedGenerator) -> Tensor:
    """The next seed, in the range of 32 bits that XLA supports.

    Keras leaves the algorithm to TensorFlow, which under XLA on a CPU chooses one
    that is a hundred times slower than Philox, its choice in a plain graph.
    """
    import tensorflow as tf

    return tf.cast(tf.math.floormod(seed.next(), tf.int32.max - 1), "int32")
