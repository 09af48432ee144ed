"""Activations that change nothing."""

import keras

from custom_layers._types import Tensor

__all__ = ["identity", "linear"]


@keras.saving.register_keras_serializable("custom_layers")
def identity(x: Tensor) -> Tensor:
    """Returns its input.

    `identity(x) = x`

    Args:
        x: Tensor of any shape.

    Shapes:
        Any shape to the same shape.

    Example:

    >>> identity(3.0)
    3.0
    """
    return x


@keras.saving.register_keras_serializable("custom_layers")
def linear(x: Tensor) -> Tensor:
    """Returns its input: the activation of a layer that has none.

    `linear(x) = x`

    Args:
        x: Tensor of any shape.

    Shapes:
        Any shape to the same shape.

    Example:

    >>> linear(3.0)
    3.0
    """
    return x
