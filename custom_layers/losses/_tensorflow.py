"""Losses on TensorFlow whose derivatives are written out.

Automatic differentiation passes over the predictions about twice as often. The
derivatives are made of TensorFlow's operations and have derivatives themselves.
"""

from collections.abc import Callable
from typing import Any

import keras

from custom_layers._types import Tensor


def serves(y_true: Tensor, y_pred: Tensor) -> bool:
    """Whether these are TensorFlow's tensors, of one float type and one shape.

    Sizes that are still open count as equal.
    """
    return (
        keras.backend.backend() == "tensorflow"
        and not isinstance(y_true, keras.KerasTensor)
        and not isinstance(y_pred, keras.KerasTensor)
        and y_pred.dtype.is_floating
        and y_true.dtype == y_pred.dtype
        and y_pred.shape.rank not in (None, 0)
        and y_true.shape.as_list() == y_pred.shape.as_list()
    )


def squared_error(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """`mean_i (y_true[i] - y_pred[i])^2`"""
    import tensorflow as tf

    def slopes(y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
        slope = 2 * (y_pred - y_true)
        return -slope, slope

    return _mean(tf.math.squared_difference, slopes, y_true, y_pred)


def absolute_error(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """`mean_i |y_true[i] - y_pred[i]|`"""
    import tensorflow as tf

    def slopes(y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
        slope = tf.sign(y_pred - y_true)
        return -slope, slope

    return _mean(lambda y, p: tf.abs(p - y), slopes, y_true, y_pred)


def binary_crossentropy(y_true: Tensor, y_pred: Tensor, axis: int) -> Tensor:
    """`mean_i -(y_true[i] log c[i] + (1 - y_true[i]) log(1 - c[i]))`, `c` clipped"""
    import tensorflow as tf

    epsilon = keras.config.epsilon()

    def losses(y: Tensor, p: Tensor) -> Tensor:
        c = tf.clip_by_value(p, epsilon, 1 - epsilon)
        no, miss = 1 - c, 1 - y
        return -(y * tf.math.log(c) + miss * tf.math.log(no))

    def slopes(y: Tensor, p: Tensor) -> tuple[Tensor, Tensor]:
        c = tf.clip_by_value(p, epsilon, 1 - epsilon)
        no = 1 - c
        by_pred = tf.where(tf.equal(c, p), (c - y) / (c * no), 0)
        return tf.math.log(no) - tf.math.log(c), by_pred

    return _mean(losses, slopes, y_true, y_pred, axis)


def binary_crossentropy_of_logits(y_true: Tensor, y_pred: Tensor, axis: int) -> Tensor:
    """`mean_i max(z[i], 0) - z[i] y_true[i] + log(1 + exp(-|z[i]|))`"""
    import tensorflow as tf

    def losses(y: Tensor, z: Tensor) -> Tensor:
        return tf.nn.relu(z) - z * y + tf.math.log1p(tf.exp(-tf.abs(z)))

    return _mean(losses, lambda y, z: (-z, tf.sigmoid(z) - y), y_true, y_pred, axis)


def hinge(signs: Tensor, scores: Tensor) -> Tensor:
    """`mean_i max(0, 1 - signs[i] scores[i])`"""
    import tensorflow as tf

    def slopes(y: Tensor, s: Tensor) -> tuple[Tensor, Tensor]:
        is_short = y * s <= 1
        return tf.where(is_short, -s, 0), tf.where(is_short, -y, 0)

    return _mean(lambda y, s: tf.maximum(1 - y * s, 0), slopes, signs, scores)


def squared_hinge(signs: Tensor, scores: Tensor) -> Tensor:
    """`mean_i max(0, 1 - signs[i] scores[i])^2`"""
    import tensorflow as tf

    def slopes(y: Tensor, s: Tensor) -> tuple[Tensor, Tensor]:
        slope = -2 * tf.maximum(1 - y * s, 0)
        return slope * s, slope * y

    return _mean(
        lambda y, s: tf.square(tf.maximum(1 - y * s, 0)), slopes, signs, scores
    )


def _mean(
    losses: Callable[..., Tensor],
    slopes: Callable[..., tuple[Tensor, Tensor]],
    y_true: Tensor,
    y_pred: Tensor,
    axis: int = -1,
) -> Tensor:
    """Mean of `losses`, whose derivatives by both arguments are `slopes`."""
    import tensorflow as tf

    @tf.custom_gradient
    def mean(y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Any]:
        def gradients(upstream: Tensor) -> tuple[Tensor, Tensor]:
            size = tf.cast(tf.shape(y_pred)[axis], upstream.dtype)
            share = tf.expand_dims(upstream / size, axis)
            by_true, by_pred = slopes(y_true, y_pred)
            return by_true * share, by_pred * share

        return tf.reduce_mean(losses(y_true, y_pred), axis=axis), gradients

    return mean(y_true, y_pred)
