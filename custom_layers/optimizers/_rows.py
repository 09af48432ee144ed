"""Sparse gradients of embeddings on TensorFlow, which hold some rows only."""

from collections.abc import Callable

import keras
from keras import ops

from custom_layers._types import Tensor


def is_rows(gradient: Tensor) -> bool:
    """Whether a gradient is sparse: that of an embedding on TensorFlow.

    A row that occurs twice has two gradients. Update rules that are linear in the
    gradient sum them; others apply each by itself, as Keras does.
    """
    if keras.backend.backend() != "tensorflow":
        return False
    import tensorflow as tf

    return isinstance(gradient, tf.IndexedSlices)


def plus(tensor: Tensor, addend: Tensor) -> Tensor:
    """`tensor + addend`, where the addend may be sparse."""
    if not is_rows(addend):
        return ops.add(tensor, addend)
    import tensorflow as tf

    places = tf.expand_dims(addend.indices, axis=-1)
    return tf.tensor_scatter_nd_add(tensor, places, addend.values)


def on_rows(
    function: Callable[..., Tensor], gradient: Tensor, *slots: Tensor
) -> Tensor:
    """Computes `function(gradient, *slots)`, on the rows of a sparse gradient only.

    A slot that is only ever updated by rows is passed as a variable, whose rows are
    gathered cheaply; TensorFlow copies a variable that is read as a whole.
    """
    if not is_rows(gradient):
        return function(gradient, *slots)
    import tensorflow as tf

    rows = [tf.gather(slot, gradient.indices) for slot in slots]
    values = function(gradient.values, *rows)
    return tf.IndexedSlices(values, gradient.indices, gradient.dense_shape)
