"""Smooth activations: S-shaped ones and the integral of one."""

import keras
from keras import ops

from custom_layers._types import Tensor

__all__ = ["sigmoid", "softplus", "tanh"]


@keras.saving.register_keras_serializable("custom_layers")
def sigmoid(x: Tensor) -> Tensor:
    """Logistic function, from the real line to (0, 1).

    `sigmoid(x) = 1 / (1 + exp(-x))`

    Args:
        x: Tensor of any shape.

    Shapes:
        Any shape to the same shape.

    Example:

    >>> [float(y) for y in sigmoid(ops.array([-1000.0, 0.0, 1000.0]))]
    [0.0, 0.5, 1.0]
    """
    return ops.sigmoid(x)


@keras.saving.register_keras_serializable("custom_layers")
def tanh(x: Tensor) -> Tensor:
    """Hyperbolic tangent, from the real line to (-1, 1).

    `tanh(x) = (exp(x) - exp(-x)) / (exp(x) + exp(-x))`

    Args:
        x: Tensor of any shape.

    Shapes:
        Any shape to the same shape.

    Example:

    >>> [float(y) for y in tanh(ops.array([-1000.0, 0.0, 1000.0]))]
    [-1.0, 0.0, 1.0]
    """
    return ops.tanh(x)


@keras.saving.register_keras_serializable("custom_layers")
def softplus(x: Tensor) -> Tensor:
    """Smooth rectifier, whose slope is the sigmoid.

    `softplus(x) = log(1 + exp(x))`

    Args:
        x: Tensor of any shape.

    Shapes:
        Any shape to the same shape.

    Example:

    >>> [float(y) for y in softplus(ops.array([-1000.0, 1000.0]))]
    [0.0, 1000.0]

    Reference:
        Dugas, Bengio, Belisle, Nadeau and Garcia, 2000, Incorporating
        second-order functional knowledge for better option pricing.
    """
    return ops.softplus(x)
