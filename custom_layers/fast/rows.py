"""Sparse gradients of embeddings, which hold some rows only."""

from collections.abc import Callable

import tensorflow as tf

from custom_layers._types import Tensor


def is_rows(gradient: Tensor) -> bool:
    """Whether a gradient is sparse; a row may occur several times."""
    return isinstance(gradient, tf.IndexedSlices)


def plus(tensor: Tensor, addend: Tensor) -> Tensor:
    """`tensor + addend` for a sparse addend."""
    if not is_rows(addend):
        return NotImplemented
    places = tf.expand_dims(addend.indices, axis=-1)
    return tf.tensor_scatter_nd_add(tensor, places, addend.values)


def on_rows(
    function: Callable[..., Tensor], gradient: Tensor, *slots: Tensor
) -> Tensor:
    """Computes `function(gradient, *slots)` on the rows of a sparse gradient only.

    A slot that is only ever updated by rows is passed as a variable, whose rows are
    gathered cheaply; TensorFlow copies a variable that is read as a whole.
    """
    if not is_rows(gradient):
        return NotImplemented
    rows = [tf.gather(slot, gradient.indices) for slot in slots]
    values = function(gradient.values, *rows)
    return tf.IndexedSlices(values, gradient.indices, gradient.dense_shape)
