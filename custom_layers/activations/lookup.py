"""Activations by name, and their serialization."""

from typing import Any

import keras

from custom_layers._types import ActivationLike
from custom_layers.activations.identities import identity, linear
from custom_layers.activations.probabilities import softmax
from custom_layers.activations.rectifiers import elu, leaky_relu, relu
from custom_layers.activations.smooth import sigmoid, softplus, tanh
from custom_layers.activations.thresholds import (
    heaviside,
    sign_threshold,
    stair_step,
    unit_step,
)

__all__ = ["deserialize", "get", "serialize"]

_FUNCTIONS = {
    fn.__name__: fn
    for fn in (
        elu,
        heaviside,
        identity,
        leaky_relu,
        linear,
        relu,
        sigmoid,
        sign_threshold,
        softmax,
        softplus,
        stair_step,
        tanh,
        unit_step,
    )
}


def get(identifier: ActivationLike) -> Any:
    """Returns an activation by its identifier; a name of ours precedes Keras'.

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
    """Returns the configuration of an activation, for `deserialize`.

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
    """Returns the activation that `serialize` described.

    Args:
        config: Name or configuration.
        custom_objects: Further objects by name.

    Example:

    >>> deserialize("tanh") is tanh
    True
    """
    if isinstance(config, str) and config not in (custom_objects or {}):
        return get(config)
    return keras.activations.deserialize(config, custom_objects=custom_objects)
