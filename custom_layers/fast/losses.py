"""Losses on TensorFlow with custom gradients.

Automatic differentiation passes over the predictions about twice as often. The
derivatives are made of TensorFlow's operations and have derivatives themselves.

The cross-entropies of logits take `softmax(z) = e / sum(e)` with
`e = exp(z - max(z))`: the exponentials serve the loss and its derivative.
"""

from typing import Any

import keras
import tensorflow as tf

from custom_layers._types import Tensor
from custom_layers.fast.context import compiles

# With fewer, the exponentials are too few to gain by keeping them.
_MANY_CLASSES = 100


def _serves(y_true: Tensor, y_pred: Tensor) -> bool:
    """Whether these are TensorFlow's tensors, of one float type and one shape.

    Sizes that are still open count as equal.
    """
    return (
        not isinstance(y_true, keras.KerasTensor)
        and not isinstance(y_pred, keras.KerasTensor)
        and y_pred.dtype.is_floating
        and y_true.dtype == y_pred.dtype
        and y_pred.shape.rank not in (None, 0)
        and y_true.shape.as_list() == y_pred.shape.as_list()
    )


def _has_many_classes(y_pred: Tensor, axis: int) -> bool:
    classes = y_pred.shape[axis]
    return classes is not None and classes >= _MANY_CLASSES


def mean_absolute_error(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """`mean_i |y_true[i] - y_pred[i]|`"""
    if not _serves(y_true, y_pred):
        return NotImplemented

    @tf.custom_gradient
    def loss(y: Tensor, p: Tensor) -> tuple[Tensor, Any]:
        error = p - y

        def gradients(upstream: Tensor) -> tuple[Tensor, Tensor]:
            slope = tf.sign(error) * _share(upstream, p)
            return -slope, slope

        return _mean(tf.abs(error)), gradients

    return loss(y_true, y_pred)


def categorical_crossentropy_of_logits(
    y_true: Tensor, logits: Tensor, axis: int
) -> Tensor:
    """`-sum_k y_true[k] log softmax(z)[k]`"""
    if not (_serves(y_true, logits) and _has_many_classes(logits, axis)):
        return NotImplemented

    @tf.custom_gradient
    def loss(y: Tensor, z: Tensor) -> tuple[Tensor, Any]:
        z, e, total = _exponentials(z, axis)
        log_p = z - tf.math.log(total)
        # 0 log 0 = 0 for a class of probability zero in both distributions.
        losses = -tf.reduce_sum(tf.math.multiply_no_nan(log_p, y), axis)

        def gradients(upstream: Tensor) -> tuple[Tensor, Tensor]:
            g = tf.expand_dims(upstream, axis)
            mass = tf.reduce_sum(y, axis, keepdims=True)
            return -log_p * g, e * (mass * g / total) - y * g

        return losses, gradients

    return loss(y_true, logits)


def sparse_categorical_crossentropy(
    index: Tensor, y_pred: Tensor, from_logits: bool
) -> Tensor:
    """`-log p[index]`; NaN where `index` is no class."""
    if not (_serves(y_pred, y_pred) and _has_many_classes(y_pred, -1)):
        return NotImplemented
    if from_logits:
        return _sparse_categorical_crossentropy_of_logits(index, y_pred)
    return _sparse_categorical_crossentropy_of_probabilities(index, y_pred)


def _sparse_categorical_crossentropy_of_logits(index: Tensor, y_pred: Tensor) -> Tensor:
    """`-log softmax(z)[index]`; NaN where `index` is no class"""

    @tf.custom_gradient
    def loss(z: Tensor) -> tuple[Tensor, Any]:
        z, e, total = _exponentials(z, -1)
        losses = tf.math.log(tf.squeeze(total, -1)) - _at(index, z)

        def gradient(upstream: Tensor) -> Tensor:
            g = tf.expand_dims(upstream, -1)
            return e * (g / total) - _one_hot(index, z) * g

        return losses, gradient

    return loss(y_pred)


def _sparse_categorical_crossentropy_of_probabilities(
    index: Tensor, y_pred: Tensor
) -> Tensor:
    """`-log(c[index] / sum(c))`, `c` clipped; NaN where `index` is no class"""
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


def _mean(losses: Tensor) -> Tensor:
    """Mean of non-negative values along the last axis."""
    size = losses.shape[-1]
    if size is None or size % 8 or not compiles():
        return tf.reduce_mean(losses, -1)
    # On a CPU, XLA vectorizes sums along any axis but the last; abs() keeps it from
    # merging the two sums.
    shape = tf.concat([tf.shape(losses)[:-1], [8, size // 8]], 0)
    parts = tf.abs(tf.reduce_sum(tf.reshape(losses, shape), -2))
    return tf.reduce_sum(parts, -1) / size


def _share(upstream: Tensor, like: Tensor) -> Tensor:
    """The gradient of a mean with respect to each element."""
    size = like.shape[-1]
    if size is None:
        size = tf.cast(tf.shape(like)[-1], like.dtype)
    return tf.expand_dims(upstream / size, -1)


def _exponentials(z: Tensor, axis: int) -> tuple[Tensor, Tensor, Tensor]:
    """Logits minus their maximum, their exponentials, and the sum of these."""
    z = z - tf.stop_gradient(tf.reduce_max(z, axis, keepdims=True))
    e = tf.exp(z)
    return z, e, tf.reduce_sum(e, axis, keepdims=True)


def _at(index: Tensor, x: Tensor) -> Tensor:
    """The element of each sample at its index, NaN where that is out of range."""
    # Out of range, a CPU raises an error, XLA clips the index, and a GPU gives zero.
    chosen = tf.gather(x, index, axis=-1, batch_dims=index.shape.rank)
    is_inside = tf.cast(index, "uint32") < tf.cast(tf.shape(x)[-1], "uint32")
    return tf.where(is_inside, chosen, float("nan"))


def _one_hot(index: Tensor, like: Tensor) -> Tensor:
    return tf.one_hot(index, tf.shape(like)[-1], dtype=like.dtype)
