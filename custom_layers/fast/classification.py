"""Losses of classes on TensorFlow whose derivatives are written out.

`softmax(z) = e / sum(e)` with `e = exp(z - max(z))`; the exponentials serve the
loss and its derivative.
"""

from typing import Any

import keras

from custom_layers._types import Tensor
from custom_layers.fast.context import compiles

# Below, in a plain graph, one operation that does more is faster than several.
_MANY = 100


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
    """`-log softmax(z)[index]`; NaN where `index` is no class"""
    import tensorflow as tf

    classes = y_pred.shape[-1]
    if classes is not None and classes < _MANY and not compiles():
        return tf.nn.sparse_softmax_cross_entropy_with_logits(index, y_pred)

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
    """`-log(c[index] / sum(c))`, `c` clipped; NaN where `index` is no class"""
    import tensorflow as tf

    epsilon = keras.config.epsilon()

    @tf.custom_gradient
    def loss(p: Tensor) -> tuple[Tensor, Any]:
        c = tf.clip_by_value(p, epsilon, 1 - epsilon)
        total = tf.reduce_sum(c, -1, keepdims=True)
        chosen = _at(index, c)

        def gradient(upstream: Tensor) -> Tensor:
            g = tf.expand_dims(upstream, -1)
            by_chosen = tf.expand_dims(upstream / chosen, -1)
            slope = g / total - _one_hot(index, c) * by_chosen
            return tf.where(tf.equal(c, p), slope, 0)

        return tf.math.log(tf.squeeze(total, -1) / chosen), gradient

    return loss(y_pred)


def categorical_hinge(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """`max(0, 1 + max_k (1 - y_true[k]) s[k] - sum_k y_true[k] s[k])`"""
    import tensorflow as tf

    @tf.custom_gradient
    def loss(y: Tensor, s: Tensor) -> tuple[Tensor, Any]:
        right = y * s
        others = s - right
        best = tf.reduce_max(others, -1, keepdims=True)
        missing = tf.squeeze(best, -1) - tf.reduce_sum(right, -1) + 1

        def gradients(upstream: Tensor) -> tuple[Tensor, Tensor]:
            g = tf.expand_dims(tf.where(missing >= 0, upstream, 0), -1)
            is_best = tf.cast(tf.equal(others, best), s.dtype)
            # The best share the gradient, where they are several.
            on_best = is_best * (g / tf.reduce_sum(is_best, -1, keepdims=True))
            return -s * (on_best + g), on_best - y * (on_best + g)

        return tf.maximum(missing, 0), gradients

    return loss(y_true, y_pred)


def _exponentials(z: Tensor, axis: int) -> tuple[Tensor, Tensor, Tensor]:
    """Logits moved such that the highest is zero, their exponentials, the sum."""
    import tensorflow as tf

    z = z - tf.stop_gradient(tf.reduce_max(z, axis, keepdims=True))
    e = tf.exp(z)
    return z, e, tf.reduce_sum(e, axis, keepdims=True)


def _at(index: Tensor, x: Tensor) -> Tensor:
    """The number of each sample at its index, NaN where it has none there."""
    import tensorflow as tf

    # Outside, the processor raises an error, XLA takes the nearest, and a GPU zero.
    chosen = tf.gather(x, index, axis=-1, batch_dims=index.shape.rank)
    is_inside = tf.cast(index, "uint32") < tf.cast(tf.shape(x)[-1], "uint32")
    return tf.where(is_inside, chosen, float("nan"))


def _one_hot(index: Tensor, like: Tensor) -> Tensor:
    import tensorflow as tf

    return tf.one_hot(index, tf.shape(like)[-1], dtype=like.dtype)
