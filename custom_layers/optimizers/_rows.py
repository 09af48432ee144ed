"""Gradients of embeddings on TensorFlow, which consist of some rows only."""

from collections.abc import Callable

import keras
from keras import ops

from custom_layers._types import Tensor


def is_rows(gradient: Tensor) -> bool:
    """Whether it is the gradient of an embedding on TensorFlow: some rows only.

    A row that occurs twice has two gradients. Rules that are linear in the gradient
    add them up; in the others each counts by itself, as in Keras.
    """
    if keras.backend.backend() != "tensorflow":
        return False
    import tensorflow as tf

    return isinstance(gradient, tf.IndexedSlices)


def plus(tensor: Tensor, addend: Tensor) -> Tensor:
    """`tensor + addend`, where the addend may consist of some rows."""
    if not is_rows(addend):
        return ops.add(tensor, addend)
    import tensorflow as tf

    places = tf.expand_dims(addend.indices, axis=-1)
    return tf.tensor_scatter_nd_add(tensor, places, addend.values)


def on_rows(
    function: Callable[..., Tensor], gradient: Tensor, *slots: Tensor
) -> Tensor:
    """Computes `function(gradient, *slots)`, on the gradient's rows if it has some.

    A slot whose rows alone are ever updated comes as a variable and gives up its
    rows, which is cheap; TensorFlow then copies a variable that is read as a whole.
    """
    if not is_rows(gradient):
        return function(gradient, *slots)
    import tensorflow as tf

    rows = [tf.gather(slot, gradient.indices) for slot in slots]
    values = function(gradient.values, *rows)
    return tf.IndexedSlices(values, gradient.indices, gradient.dense_shape)
