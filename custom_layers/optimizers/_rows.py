"""Gradients that may consist of some rows only, as those of embeddings do.

A row that occurs twice has two gradients. Rules that are linear in the gradient add
them up; in the others each counts by itself, as in Keras.
"""

from collections.abc import Callable

from keras import ops

from custom_layers import fast
from custom_layers._types import Tensor


@fast.path
def is_rows(gradient: Tensor) -> bool:
    """Whether a gradient consists of some rows only."""
    return False


@fast.path
def plus(tensor: Tensor, addend: Tensor) -> Tensor:
    """`tensor + addend`, where the addend may consist of some rows."""
    return ops.add(tensor, addend)


@fast.path
def on_rows(
    function: Callable[..., Tensor], gradient: Tensor, *slots: Tensor
) -> Tensor:
    """Computes `function(gradient, *slots)`, on the gradient's rows if it has some."""
    return function(gradient, *slots)
