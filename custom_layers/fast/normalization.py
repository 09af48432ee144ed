"""TensorFlow's own ways to normalize, which pass fewer times over the inputs."""

from typing import Any

import keras
import tensorflow as tf

from custom_layers._types import Tensor
from custom_layers.fast.context import compiles, has_only_cpus

# The smallest epsilon that cuDNN accepts.
LEAST_EPSILON = 1.001e-5


def batch_norm(layer: Any, x: Tensor) -> Any:
    """Normalizes the last axis; returns the outputs, mean and variance."""
    rank, dtype = len(x.shape), keras.backend.standardize_dtype(x.dtype)
    is_last = rank > 2 and layer.axis % rank == rank - 1
    if not is_last or dtype != "float32" or layer.epsilon < LEAST_EPSILON:
        return NotImplemented
    gamma, beta, epsilon = layer._affine(x.dtype)
    channels = x.shape[-1]
    images = x if rank == 4 else tf.reshape(x, (-1, 1, 1, channels))
    y, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
        x=images,
        scale=tf.ones(channels) if gamma is None else gamma,
        offset=tf.zeros(channels) if beta is None else beta,
        mean=(),
        variance=(),
        epsilon=epsilon,
        is_training=True,
    )
    y = y if images is x else tf.reshape(y, tf.shape(x))
    # The kernel returns the unbiased estimate of the variance.
    count = tf.cast(tf.size(x) // channels, x.dtype)
    return y, mean, variance * (tf.maximum(count - 1, 1) / count)


def layer_norm(
    layer: Any, x: Tensor, gamma: Tensor | None, beta: Tensor | None
) -> Tensor:
    """Normalizes the last axis, with a gradient in fewer steps.

    With `n = (x - mean) / s, s = sqrt(variance + epsilon)` and the gradient `g` of
    the outputs, that of the inputs is
    `(gamma g - mean(gamma g) - n mean(gamma g n)) / s`.
    """
    if layer.rms_scaling or layer._axes() not in ([-1], [len(x.shape) - 1]):
        return NotImplemented
    size = x.shape[-1]
    gamma = tf.ones(size, x.dtype) if gamma is None else tf.convert_to_tensor(gamma)
    beta = tf.zeros(size, x.dtype) if beta is None else tf.convert_to_tensor(beta)

    @tf.custom_gradient
    def normalize(x: Tensor, gamma: Tensor, beta: Tensor) -> tuple:
        centered = x - tf.reduce_mean(x, axis=-1, keepdims=True)
        variance = tf.reduce_mean(tf.square(centered), axis=-1, keepdims=True)
        scale = tf.math.rsqrt(variance + layer.epsilon)
        normal = centered * scale

        def gradient(upstream: Tensor) -> tuple[Tensor, Tensor, Tensor]:
            rows = tf.reshape(upstream, (-1, size))
            n = tf.reshape(normal, (-1, size))
            moved = rows * n
            by_gamma, by_beta = _sum_of_rows(moved), _sum_of_rows(rows)
            means = _weighted_mean(rows, gamma), _weighted_mean(moved, gamma)
            by_x = (rows * gamma - means[0] - n * means[1]) * tf.reshape(scale, (-1, 1))
            return tf.reshape(by_x, tf.shape(x)), by_gamma, by_beta

        return normal * gamma + beta, gradient

    return normalize(x, gamma, beta)


def _weighted_mean(rows: Tensor, weights: Tensor) -> Tensor:
    """`mean_j rows[i, j] * weights[j]` as a column."""
    # Other devices round the factors of products to lower precision.
    if has_only_cpus():
        return tf.matmul(rows, weights[:, None] / rows.shape[-1])
    return tf.reduce_mean(rows * weights, axis=-1, keepdims=True)


def _sum_of_rows(rows: Tensor) -> Tensor:
    # XLA fuses the sum over rows; for a product it would store them first.
    if has_only_cpus() and not compiles():
        ones = tf.ones((1, tf.shape(rows)[0]), rows.dtype)
        return tf.matmul(ones, rows)[0]
    return tf.reduce_sum(rows, axis=0)
