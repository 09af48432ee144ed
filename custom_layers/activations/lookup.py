"""Activations by name, and their serialization."""

from typing import Any

import keras

from custom_layers import activations
from custom_layers._types import ActivationLike

__all__ = ["deserialize", "get", "serialize"]


def get(identifier: ActivationLike) -> Any:
    """Returns an activation by its identifier; a name of ours precedes Keras'.

    Args:
        identifier: Name, function, serialized activation, or `None` for
            `linear`.

    Example:

    >>> get("relu") is activations.relu
    True
    """
    if identifier is None:
        return activations.linear
    if isinstance(identifier, str) and identifier in (ours := _ours()):
        return ours[identifier]
    return keras.activations.get(identifier)


def serialize(activation: Any) -> str | dict:
    """Returns the configuration of an activation, for `deserialize`.

    Args:
        activation: Function or callable object.

    Example:

    >>> serialize(activations.relu)
    'relu'
    """
    name = getattr(activation, "__name__", None)
    if name and activation is _ours().get(name):
        return name
    return keras.activations.serialize(activation)


def deserialize(config: str | dict, custom_objects: dict | None = None) -> Any:
    """Returns the activation that `serialize` described.

    Args:
        config: Name or configuration.
        custom_objects: Further objects by name.

    Example:

    >>> deserialize("tanh") is activations.tanh
    True
    """
    if isinstance(config, str) and config not in (custom_objects or {}):
        return get(config)
    return keras.activations.deserialize(config, custom_objects=custom_objects)


def _ours() -> dict[str, Any]:
    names = (name for name in activations.__all__ if name not in __all__)
    return {name: getattr(activations, name) for name in names}
