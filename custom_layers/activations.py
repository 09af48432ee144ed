"""Activation functions, by name or as functions.

The kernels of relu, sigmoid, tanh and softmax are the floor here, as the matrix
product is for a dense layer: each backend has them as one stable operation,
which compilers and ONNX converters recognise by name.
"""

from typing import Any

import keras
from keras import ops

from custom_layers._types import ActivationLike, Tensor

__all__ = [
    "deserialize",
    "get",
    "identity",
    "linear",
    "relu",
    "serialize",
    "sigmoid",
    "softmax",
    "tanh",
]


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


@keras.saving.register_keras_serializable("custom_layers")
def relu(
    x: Tensor,
    negative_slope: float = 0.0,
    max_value: float | None = None,
    threshold: float = 0.0,
) -> Tensor:
    """Rectified linear unit, with an optional leak, ceiling and threshold.

    `relu(x) = max(x, 0)`; with all options

        max_value                          where x >= max_value
        x                                  where threshold < x < max_value
        negative_slope * (x - threshold)   where x <= threshold

    Args:
        x: Tensor of any shape.
        negative_slope: Slope at and below the threshold.
        max_value: Ceiling of the output; `None` for no ceiling.
        threshold: Inputs up to here count as negative.

    Shapes:
        Any shape to the same shape.

    Example:

    >>> [float(y) for y in relu(ops.array([-2.0, 0.5, 8.0]), max_value=6.0)]
    [0.0, 0.5, 6.0]

    Reference:
        Nair and Hinton, 2010, Rectified linear units improve restricted
        Boltzmann machines.
    """
    if threshold == 0 and max_value is None:
        return ops.leaky_relu(x, negative_slope) if negative_slope else ops.relu(x)
    if threshold == 0 and max_value == 6:
        above = ops.relu6(x)
    else:
        above = ops.where(ops.greater(x, threshold), x, 0)
        above = above if max_value is None else ops.clip(above, 0, max_value)
    if negative_slope:
        return above - negative_slope * ops.relu(ops.subtract(threshold, x))
    return above


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
def softmax(x: Tensor, axis: int | tuple[int, ...] = -1) -> Tensor:
    """Turns scores into positive numbers that sum to one.

    `softmax(x)[i] = exp(x[i] - max(x)) / sum_j exp(x[j] - max(x))`

    Args:
        x: Tensor of scores.
        axis: Axis or axes along which the outputs sum to one.

    Shapes:
        Any shape to the same shape.

    Example:

    >>> [float(y) for y in softmax(ops.array([1000.0, 1000.0]))]
    [0.5, 0.5]

    Reference:
        Bridle, 1990, Probabilistic interpretation of feedforward
        classification network outputs.
    """
    return ops.softmax(x, axis=axis)


_FUNCTIONS = {
    fn.__name__: fn for fn in (identity, linear, relu, sigmoid, softmax, tanh)
}


def get(identifier: ActivationLike) -> Any:
    """Finds an activation; a name means ours first and Keras' otherwise.

    Args:
        identifier: Name, function, serialized activation, or `None` for
            `linear`.

    Example:

    >>> get("relu") is relu
    True
    """
    if identifier is None:
        return linear
    if isinstance(identifier, str) and identifier in _FUNCTIONS:
        return _FUNCTIONS[identifier]
    return keras.activations.get(identifier)


def serialize(activation: Any) -> str | dict:
    """Describes an activation such that `deserialize` finds it again.

    Args:
        activation: Function or callable object.

    Example:

    >>> serialize(relu)
    'relu'
    """
    name = getattr(activation, "__name__", None)
    if name in _FUNCTIONS and activation is _FUNCTIONS[name]:
        return name
    return keras.activations.serialize(activation)


def deserialize(config: str | dict, custom_objects: dict | None = None) -> Any:
    """Turns the result of `serialize` into the activation.

    Args:
        config: Name or configuration.
        custom_objects: Names that take part in the search, with what they mean.

    Example:

    >>> deserialize("tanh") is tanh
    True
    """
    if isinstance(config, str) and config not in (custom_objects or {}):
        return get(config)
    return keras.activations.deserialize(config, custom_objects=custom_objects)
