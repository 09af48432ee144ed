"""Flips of images by an operation of TensorFlow."""

from typing import Any

import tensorflow as tf

from custom_layers._types import Tensor


def flip(layer: Any, images: Tensor, flips: Tensor, axes: tuple[int, ...]) -> Tensor:
    """Flips the chosen images of a batch.

    Reverses as many pixels as the axis has, or one, in a single pass for each axis.
    Selecting between images and flipped images would read both, and XLA would draw
    the random numbers again for each pixel of its gradient.
    """
    flips = tf.broadcast_to(tf.reshape(flips, (-1,)), tf.shape(images)[:1])
    for axis in axes:
        length = tf.where(flips, tf.shape(images)[axis], 1)
        images = tf.reverse_sequence(images, length, seq_axis=axis, batch_axis=0)
    return images
