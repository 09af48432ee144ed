"""Losses of classes on TensorFlow whose derivatives are written out.

`softmax(z) = e / sum(e)` with `e = exp(z - max(z))`; the exponentials serve the
loss and its derivative. All tensors have the classes on their last axis.
"""

from typing import Any

import keras

from custom_layers._types import Tensor


def categorical_crossentropy_of_logits(
    y_true: Tensor, y_pred: Tensor, axis: int
) -> Tensor:
    """`-sum_k y_true[k] log softmax(z)[k]`"""
    import tensorflow as tf

    @tf.custom_gradient
    def loss(y: Tensor, z: Tensor) -> tuple[Tensor, Any]:
        z, e, total = _exponentials(z, axis)
        log_p = z - tf.math.log(total)
        # Of a class that is impossible and that nobody expects.
        losses = -tf.reduce_sum(tf.math.multiply_no_nan(log_p, y), axis)

        def gradients(upstream: Tensor) -> tuple[Tensor, Tensor]:
            g = tf.expand_dims(upstream, axis)
            mass = tf.reduce_sum(y, axis, keepdims=True)
            return -log_p * g, e * (mass * g / total) - y * g

        return losses, gradients

    return loss(y_true, y_pred)


def categorical_crossentropy(y_true: Tensor, y_pred: Tensor, axis: int) -> Tensor:
    """`-sum_k y_true[k] log c[k]`, where `c = p / sum(p)`, clipped"""
    import tensorflow as tf

    epsilon = keras.config.epsilon()

    @tf.custom_gradient
    def loss(y: Tensor, p: Tensor) -> tuple[Tensor, Any]:
        total = tf.reduce_sum(p, axis, keepdims=True)
        share = p / total
        c = tf.clip_by_value(share, epsilon, 1 - epsilon)
        log_c = tf.math.log(c)

        def gradients(upstream: Tensor) -> tuple[Tensor, Tensor]:
            g = tf.expand_dims(upstream, axis)
            moved = tf.where(tf.equal(c, share), y, 0)
            mass = tf.reduce_sum(moved, axis, keepdims=True)
            return -log_c * g, (mass - moved / c) * (g / total)

        return -tf.reduce_sum(y * log_c, axis), gradients

    return loss(y_true, y_pred)


def sparse_categorical_crossentropy_of_logits(index: Tensor, y_pred: Tensor) -> Tensor:
    """`-log softmax(z)[index]`"""
    import tensorflow as tf

    @tf.custom_gradient
    def loss(z: Tensor) -> tuple[Tensor, Any]:
        z, e, total = _exponentials(z, -1)
        losses = tf.math.log(tf.squeeze(total, -1)) - _at(index, z)

        def gradient(upstream: Tensor) -> Tensor:
            g = tf.expand_dims(upstream, -1)
            return e * (g / total) - _one_hot(index, z) * g

        return losses, gradient

    return loss(y_pred)


def sparse_categorical_crossentropy(index: Tensor, y_pred: Tensor) -> Tensor:
    """`-log(c[index] / sum(c))`, where `c` is `p`, clipped"""
    import tensorflow as tf

    epsilon = keras.config.epsilon()

    @tf.custom_gradient
    def loss(p: Tensor) -> tuple[Tensor, Any]:
        c = tf.clip_by_value(p, epsilon, 1 - epsilon)
        total = tf.reduce_sum(c, -1)
        chosen = _at(index, c)

        def gradient(upstream: Tensor) -> Tensor:
            by_total, by_chosen = upstream / total, upstream / chosen
            slopes = tf.expand_dims(by_total, -1) - _one_hot(index, p) * tf.expand_dims(
                by_chosen, -1
            )
            return tf.where(tf.equal(c, p), slopes, 0)

        return tf.math.log(total) - tf.math.log(chosen), gradient

    return loss(y_pred)


def _exponentials(z: Tensor, axis: int) -> tuple[Tensor, Tensor, Tensor]:
    """Logits moved such that the highest is zero, their exponentials, the sum."""
    import tensorflow as tf

    z = z - tf.stop_gradient(tf.reduce_max(z, axis, keepdims=True))
    e = tf.exp(z)
    return z, e, tf.reduce_sum(e, axis, keepdims=True)


def _at(index: Tensor, x: Tensor) -> Tensor:
    import tensorflow as tf

    return tf.gather(x, index, axis=-1, batch_dims=index.shape.rank)


def _one_hot(index: Tensor, like: Tensor) -> Tensor:
    import tensorflow as tf

    return tf.one_hot(index, tf.shape(like)[-1], dtype=like.dtype)
