"""The identity, under its two names."""

import keras

from custom_layers._types import Tensor

__all__ = ["identity", "linear"]


@keras.saving.register_keras_serializable("custom_layers")
def identity(x: Tensor) -> Tensor:
    r"""Identity function.

    .. math::

        \mathrm{identity}(x) = x

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
    r"""Identity function: the activation of a linear layer.

    .. math::

        \mathrm{linear}(x) = x

    Args:
        x: Tensor of any shape.

    Shapes:
        Any shape to the same shape.

    Example:

    >>> linear(3.0)
    3.0
    """
    return x
