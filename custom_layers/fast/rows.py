"""Gradients of embeddings, which consist of some rows only."""

from collections.abc import Callable

import tensorflow as tf

from custom_layers._types import Tensor


def is_rows(gradient: Tensor) -> bool:
    """Whether it consists of some rows only; a row may occur several times."""
    return isinstance(gradient, tf.IndexedSlices)


def plus(tensor: Tensor, addend: Tensor) -> Tensor:
    """`tensor + addend`, in place of the rows."""
    if not is_rows(addend):
        return NotImplemented
    places = tf.expand_dims(addend.indices, axis=-1)
    return tf.tensor_scatter_nd_add(tensor, places, addend.values)


def on_rows(
    function: Callable[..., Tensor], gradient: Tensor, *slots: Tensor
) -> Tensor:
    """Computes `function(gradient, *slots)` for the gradient's rows alone.

    A slot whose rows alone are ever updated comes as a variable and gives up its
    rows, which is cheap; TensorFlow then copies a variable that is read as a whole.
    """
    if not is_rows(gradient):
        return NotImplemented
    rows = [tf.gather(slot, gradient.indices) for slot in slots]
    values = function(gradient.values, *rows)
    return tf.IndexedSlices(values, gradient.indices, gradient.dense_shape)
