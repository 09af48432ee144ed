"""Pooling with a custom gradient on TensorFlow."""

import math
from typing import Any

import tensorflow as tf
from keras import ops

from custom_layers._types import Tensor


def global_max(layer: Any, inputs: Tensor) -> Tensor:
    """The maximum over all positions; equal maxima share the gradient equally.

    As TensorFlow's, in fewer steps, and these along a single axis: a broadcast
    along several takes longer.
    """
    first, last = layer.axes[0], layer.axes[-1]
    sizes = ops.shape(inputs)
    positions = math.prod(sizes[first : last + 1])
    if 0 in inputs.shape:
        return NotImplemented  # refused where Keras refuses it
    flat_shape = (*sizes[:first], positions, *sizes[last + 1 :])

    @tf.custom_gradient
    def largest(x: Tensor) -> tuple:
        y = tf.reduce_max(x, axis=first, keepdims=True)

        def gradient(upstream: Tensor) -> Tensor:
            is_largest = tf.cast(tf.equal(x, y), x.dtype)
            count = tf.reduce_sum(is_largest, axis=first, keepdims=True)
            return is_largest * (tf.expand_dims(upstream, first) / count)

        return tf.squeeze(y, first), gradient

    y = largest(tf.reshape(inputs, flat_shape))
    return ops.expand_dims(y, layer.axes) if layer.keepdims else y
