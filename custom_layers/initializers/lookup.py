"""Initializers by name, and their serialization."""

import re
from typing import Any

import keras

from custom_layers import initializers
from custom_layers._types import InitializerLike

__all__ = ["deserialize", "get", "serialize"]

# Keras' other names.
_ALIASES = {
    "OrthogonalInitializer": "Orthogonal",
    "normal": "RandomNormal",
    "one": "Ones",
    "uniform": "RandomUniform",
    "zero": "Zeros",
}


def get(identifier: InitializerLike) -> Any:
    """Returns an initializer by its identifier; a name of ours precedes Keras'.

    Args:
        identifier: Name, object, class, serialized initializer, array of the
            weight's shape, or `None`, which stays `None`.

    Example:

    >>> type(get("he_normal")) is initializers.HeNormal
    True
    """
    if isinstance(identifier, str) and identifier in (ours := _ours()):
        return ours[identifier]()
    return keras.initializers.get(identifier)


def serialize(initializer: Any) -> dict:
    """Returns the configuration of an initializer, for `deserialize`.

    Args:
        initializer: Initializer object.

    Example:

    >>> serialize(initializers.HeNormal(seed=1))["class_name"]
    'HeNormal'
    """
    return keras.initializers.serialize(initializer)


def deserialize(config: str | dict, custom_objects: dict | None = None) -> Any:
    """Returns the initializer that `serialize` described.

    Args:
        config: Name or configuration.
        custom_objects: Further objects by name.

    Example:

    >>> deserialize(serialize(initializers.HeNormal(seed=1))).seed
    1
    """
    if isinstance(config, str) and config not in (custom_objects or {}):
        return get(config)
    return keras.initializers.deserialize(config, custom_objects=custom_objects)


def _ours() -> dict[str, Any]:
    """The classes by their names, those in snake case and Keras' other names."""
    names = [name for name in initializers.__all__ if name not in __all__]
    classes = {name: getattr(initializers, name) for name in names}
    snake = {re.sub(r"(?<!^)(?=[A-Z])", "_", n).lower(): c for n, c in classes.items()}
    return classes | snake | {k: classes[name] for k, name in _ALIASES.items()}
