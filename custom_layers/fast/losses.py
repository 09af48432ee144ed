"""Losses on TensorFlow whose derivatives are written out.

Automatic differentiation passes over the predictions about twice as often. The
derivatives are made of TensorFlow's operations and have derivatives themselves.
"""

from typing import Any

import keras

from custom_layers._types import Tensor
from custom_layers.fast.context import compiles


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

    @tf.custom_gradient
    def loss(y: Tensor, p: Tensor) -> tuple[Tensor, Any]:
        error = p - y

        def gradients(upstream: Tensor) -> tuple[Tensor, Tensor]:
            slope = error * _share(upstream, p, factor=2.0)
            return -slope, slope

        return _mean(tf.square(error)), gradients

    return loss(y_true, y_pred)


def absolute_error(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """`mean_i |y_true[i] - y_pred[i]|`"""
    import tensorflow as tf

    @tf.custom_gradient
    def loss(y: Tensor, p: Tensor) -> tuple[Tensor, Any]:
        error = p - y

        def gradients(upstream: Tensor) -> tuple[Tensor, Tensor]:
            slope = tf.sign(error) * _share(upstream, p)
            return -slope, slope

        return _mean(tf.abs(error)), gradients

    return loss(y_true, y_pred)


def hinge(signs: Tensor, scores: Tensor) -> Tensor:
    """`mean_i max(0, 1 - signs[i] scores[i])`"""
    import tensorflow as tf

    @tf.custom_gradient
    def loss(y: Tensor, s: Tensor) -> tuple[Tensor, Any]:
        missing = 1 - y * s

        def gradients(upstream: Tensor) -> tuple[Tensor, Tensor]:
            share = tf.where(missing >= 0, _share(upstream, s, factor=-1.0), 0)
            return s * share, y * share

        return _mean(tf.maximum(missing, 0)), gradients

    return loss(signs, scores)


def squared_hinge(signs: Tensor, scores: Tensor) -> Tensor:
    """`mean_i max(0, 1 - signs[i] scores[i])^2`"""
    import tensorflow as tf

    @tf.custom_gradient
    def loss(y: Tensor, s: Tensor) -> tuple[Tensor, Any]:
        missing = tf.maximum(1 - y * s, 0)

        def gradients(upstream: Tensor) -> tuple[Tensor, Tensor]:
            share = missing * _share(upstream, s, factor=-2.0)
            return s * share, y * share

        return _mean(tf.square(missing)), gradients

    return loss(signs, scores)


def binary_crossentropy(y_true: Tensor, y_pred: Tensor, axis: int) -> Tensor:
    """`mean_i -(y_true[i] log c[i] + (1 - y_true[i]) log(1 - c[i]))`, `c` clipped"""
    import tensorflow as tf

    epsilon = keras.config.epsilon()

    @tf.custom_gradient
    def loss(y: Tensor, p: Tensor) -> tuple[Tensor, Any]:
        yes = tf.clip_by_value(p, epsilon, 1 - epsilon)
        no = 1 - yes
        log_yes, log_no = tf.math.log(yes), tf.math.log(no)

        def gradients(upstream: Tensor) -> tuple[Tensor, Tensor]:
            share = _share(upstream, p, axis)
            slope = tf.where(tf.equal(yes, p), (yes - y) / (yes * no), 0)
            return (log_no - log_yes) * share, slope * share

        likelihood = y * log_yes + (1 - y) * log_no
        return -tf.reduce_mean(likelihood, axis), gradients

    return loss(y_true, y_pred)


def binary_crossentropy_of_logits(y_true: Tensor, y_pred: Tensor, axis: int) -> Tensor:
    """`mean_i max(z[i], 0) - z[i] y_true[i] + log(1 + exp(-|z[i]|))`"""
    import tensorflow as tf

    @tf.custom_gradient
    def loss(y: Tensor, z: Tensor) -> tuple[Tensor, Any]:
        def gradients(upstream: Tensor) -> tuple[Tensor, Tensor]:
            share = _share(upstream, z, axis)
            return -z * share, (tf.sigmoid(z) - y) * share

        losses = tf.nn.relu(z) - z * y + tf.math.log1p(tf.exp(-tf.abs(z)))
        return tf.reduce_mean(losses, axis), gradients

    return loss(y_true, y_pred)


def kl_divergence(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """`sum_k t[k] log(t[k] / p[k])`, `t` and `p` clipped"""
    import tensorflow as tf

    epsilon = keras.config.epsilon()

    @tf.custom_gradient
    def loss(y: Tensor, p: Tensor) -> tuple[Tensor, Any]:
        target = tf.clip_by_value(y, epsilon, 1)
        predicted = tf.clip_by_value(p, epsilon, 1)
        ratio = target / predicted
        surprise = tf.math.log(ratio)

        def gradients(upstream: Tensor) -> tuple[Tensor, Tensor]:
            g = tf.expand_dims(upstream, -1)
            by_true = tf.where(tf.equal(target, y), (surprise + 1) * g, 0)
            return by_true, tf.where(tf.equal(predicted, p), ratio * -g, 0)

        return tf.reduce_sum(target * surprise, -1), gradients

    return loss(y_true, y_pred)


def _mean(losses: Tensor) -> Tensor:
    """Mean along the last axis of numbers that are not negative."""
    import tensorflow as tf

    size = losses.shape[-1]
    if size is None or size % 8 or not compiles():
        return tf.reduce_mean(losses, -1)
    # On a processor, XLA adds along the last axis number by number, and along
    # others many at once; abs() keeps it from making one sum of the two.
    shape = tf.concat([tf.shape(losses)[:-1], [8, size // 8]], 0)
    parts = tf.abs(tf.reduce_sum(tf.reshape(losses, shape), -2))
    return tf.reduce_sum(parts, -1) / size


def _share(
    upstream: Tensor, like: Tensor, axis: int = -1, factor: float = 1.0
) -> Tensor:
    """What of the gradient of a mean reaches each number, times a factor."""
    import tensorflow as tf

    size = like.shape[axis]
    if size is None:
        size = tf.cast(tf.shape(like)[axis], like.dtype)
    return tf.expand_dims(upstream * (factor / size), axis)
