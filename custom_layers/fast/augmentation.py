"""Moving the pixels of images with TensorFlow's own operations."""

from typing import Any

import tensorflow as tf

from custom_layers._types import Tensor
from custom_layers.fast.context import compiles


def flip(layer: Any, images: Tensor, flips: Tensor, axes: tuple[int, ...]) -> Tensor:
    """Flips the images of a batch that are chosen.

    Reverses as many pixels as the axis has, or one, in a single pass for each
    axis. A choice between the images and the flipped images reads both, and XLA
    would draw the random numbers anew for each pixel of its gradient.
    """
    flips = tf.broadcast_to(tf.reshape(flips, (-1,)), tf.shape(images)[:1])
    for axis in axes:
        length = tf.where(flips, tf.shape(images)[axis], 1)
        images = tf.reverse_sequence(images, length, seq_axis=axis, batch_axis=0)
    return images


def rotate(layer: Any, images: Tensor, matrix: Tensor, interpolation: str) -> Tensor:
    """Turns a batch of images by one operation, which XLA, and so a TPU, has not."""
    if compiles():
        return NotImplemented
    return layer.backend.image.affine_transform(
        images,
        matrix,
        interpolation=interpolation,
        fill_mode=layer.fill_mode,
        fill_value=layer.fill_value,
        data_format="channels_last",
    )
