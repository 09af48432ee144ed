"""Rotation of pairs of features in a graph of TensorFlow."""

import tensorflow as tf

from custom_layers._types import Tensor
from custom_layers.fast.context import compiles


def rotated(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """Computes `(a cos - b sin, b cos + a sin)` of halves `x = (a, b)` as whole rows.

    As `(a, b) (cos, cos) + (b, a) (-sin, sin)`: a third of the operations on halves,
    which are copied. XLA copies none, and fuses the portable form.
    """
    if compiles():
        return NotImplemented
    first, second = tf.split(x, 2, axis=-1)
    swapped = tf.concat([second, first], axis=-1)
    straight = x * tf.concat([cosine, cosine], axis=-1)
    return straight + swapped * tf.concat([-sine, sine], axis=-1)
