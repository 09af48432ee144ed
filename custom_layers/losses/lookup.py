"""Losses by name, and their serialization."""

from typing import Any

import keras

from custom_layers import losses

__all__ = ["deserialize", "get", "serialize"]


def get(identifier: Any) -> Any:
    """Returns a loss by its identifier; a name of ours precedes Keras'.

    Args:
        identifier: Name of a function or a class, function, class, loss,
            serialized loss, or `None`.

    Example:

    >>> get("mse") is losses.mean_squared_error
    True
    """
    if isinstance(identifier, dict):
        return deserialize(identifier)
    if isinstance(identifier, str):
        ours = _ours()
        if identifier not in ours:
            # Keras has short names for functions: "mse", "kld".
            found: Any = keras.losses.get(identifier)
            return ours.get(getattr(found, "__name__", ""), found)
        identifier = ours[identifier]
    return keras.losses.get(identifier)


def serialize(loss: Any) -> str | dict:
    """Returns the configuration of a loss, for `deserialize`.

    Args:
        loss: Loss or function.

    Example:

    >>> serialize(losses.Hinge())["registered_name"]
    'custom_layers>Hinge'
    """
    return keras.losses.serialize(loss)


def deserialize(name: str | dict, custom_objects: dict | None = None) -> Any:
    """Returns the loss that `serialize` described.

    Args:
        name: Configuration, or name of a function.
        custom_objects: Further objects by name.

    Example:

    >>> deserialize(serialize(losses.hinge)) is losses.hinge
    True
    """
    if isinstance(name, str) and name not in (custom_objects or {}):
        return get(name)
    return keras.losses.deserialize(name, _ours() | (custom_objects or {}))


def _ours() -> dict[str, Any]:
    return {name: getattr(losses, name) for name in losses.__all__}
