"""Flips of images by an operation of TensorFlow."""

from typing import Any

import tensorflow as tf

from custom_layers._types import Tensor
from custom_layers.fast.context import compiles


def flip(layer: Any, images: Tensor, flips: Tensor, axes: tuple[int, ...]) -> Tensor:
    """Flips the chosen images of a batch.

    A graph reverses as many pixels as the axis has, or one, in a single pass for
    each axis; a selection between images and flipped images would read both. XLA
    fuses the selection, but in its gradient would draw the random numbers again for
    each pixel: that is computed as in a graph. A flip is its own inverse.
    """
    flips = tf.broadcast_to(tf.reshape(flips, (-1,)), tf.shape(images)[:1])
    if not compiles():
        return _reversed(images, flips, axes)

    @tf.custom_gradient
    def selected(images: Tensor) -> tuple[Tensor, Any]:
        chosen = tf.reshape(flips, (-1, 1, 1, 1))
        flipped = tf.where(chosen, tf.reverse(images, axes), images)
        return flipped, lambda upstream: _reversed(upstream, flips, axes)

    return selected(images)


def _reversed(images: Tensor, flips: Tensor, axes: tuple[int, ...]) -> Tensor:
    for axis in axes:
        length = tf.where(flips, tf.shape(images)[axis], 1)
        images = tf.reverse_sequence(images, length, seq_axis=axis, batch_axis=0)
    return images
