"""`zoo.inference.squares` in a graph of operators that every format has.

Integers are signed here, which changes no bit of a product or a sum; a division that
rounds down shifts the sign along.
"""

from typing import Any

import numpy as np
import tensorflow as tf

from custom_layers._types import Tensor
from zoo.inference.squares import BITS, DRAWS, KEY

_HALF = 2**32


def squares(counters: Tensor) -> Tensor:
    """Returns 32 random bits of each counter.

    Args:
        counters: Of `int64`.
    """
    x = y = counters * tf.constant(KEY, tf.int64)
    z = y + tf.constant(KEY, tf.int64)
    for added in (y, z, y):
        x = x * x + added
        x = x % _HALF * _HALF + _high(x)
    return _high(x * x + z)


def _high(x: Tensor) -> Tensor:
    """The upper 32 bits of each word."""
    return x // _HALF % _HALF


def standard_normal(seeds: tf.Tensor, size: int) -> tf.Tensor:
    """Draws `size` numbers of a standard normal distribution for each seed."""
    counters = tf.expand_dims(seeds * DRAWS, -1) + np.arange(2 * size)
    whole: Any = tf.cast(squares(counters) // 2 ** (32 - BITS), tf.float32)
    first, second = whole[:, :size], whole[:, size:]
    unit = 2.0**-BITS
    radius = tf.sqrt(-2 * tf.math.log((first + 1) * unit))
    return radius * tf.cos(np.float32(2 * np.pi) * (second * unit))
