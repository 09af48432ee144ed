"""What TensorFlow offers beyond `keras.ops`."""

from typing import Any

from custom_layers._types import Tensor
from custom_layers.fast.context import compiles


def flip_chosen(images: Tensor, flips: Tensor, axes: tuple[int, ...]) -> Tensor:
    """Flips the images of a batch that are chosen.

    Reverses as many pixels as the axis has, or one, in a single pass for each
    axis. A choice between the images and the flipped images reads both, and XLA
    would draw the random numbers anew for each pixel of its gradient.
    """
    import tensorflow as tf

    flips = tf.broadcast_to(tf.reshape(flips, (-1,)), tf.shape(images)[:1])
    for axis in axes:
        length = tf.where(flips, tf.shape(images)[axis], 1)
        images = tf.reverse_sequence(images, length, seq_axis=axis, batch_axis=0)
    return images


def has_affine_operation(backend: Any) -> bool:
    """Tells whether one operation can move all pixels of an image.

    TensorFlow has one, faster in a plain graph than reading the pixels one by
    one; XLA, and with it a TPU, has not.
    """
    return backend.name == "tensorflow" and not compiles()
