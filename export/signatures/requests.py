"""Checks of requests within a graph: what is wrong is said in words."""

from typing import Any

import tensorflow as tf


def checked(asserted: list[Any], inputs: dict[str, tf.Tensor]) -> list[tf.Tensor]:
    """Returns inputs behind assertions, and that there are as many rows of each."""
    rows = [tf.shape(tensor)[0] for tensor in inputs.values()]
    *names, last = (f"`{name}`" for name in inputs)
    same = tf.debugging.Assert(
        tf.reduce_all(tf.equal(rows[0], rows)),
        [f"{', '.join(names)} and {last} must have the same number of rows"],
    )
    with tf.control_dependencies([same, *asserted]):
        return [tf.identity(tensor) for tensor in inputs.values()]


def has_rows(name: str, tensor: tf.Tensor) -> Any:
    """Asserts that an input is not empty.

    TensorFlow's strided convolution gives an empty batch of images the wrong shape.
    """
    return tf.debugging.Assert(
        tf.shape(tensor)[0] > 0, [f"`{name}` must have one row or more"]
    )


def between(name: str, tensor: tf.Tensor, low: int, high: int) -> Any:
    """Asserts that all numbers of an input are in a range."""
    return tf.debugging.Assert(
        tf.reduce_all((tensor >= low) & (tensor <= high)),
        [f"`{name}` must be {low} to {high}"],
    )


def is_temperature(tensor: tf.Tensor) -> Any:
    """Asserts that numbers can be temperatures of a softmax."""
    return tf.debugging.Assert(
        tf.reduce_all((tensor >= 0) & tf.math.is_finite(tensor)),
        ["`temperature` must be 0 or more, and finite"],
    )
