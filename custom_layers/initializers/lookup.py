"""Initializers by name, and their serialization."""

from typing import Any

import keras

from custom_layers._types import InitializerLike
from custom_layers.initializers.constant import Constant, Ones, Zeros
from custom_layers.initializers.orthogonal import Orthogonal
from custom_layers.initializers.random import (
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
)
from custom_layers.initializers.sparse import Sparse
from custom_layers.initializers.variance_scaling import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
)

__all__ = ["deserialize", "get", "serialize"]

_CLASSES = {
    "constant": Constant,
    "glorot_normal": GlorotNormal,
    "glorot_uniform": GlorotUniform,
    "he_normal": HeNormal,
    "he_uniform": HeUniform,
    "lecun_normal": LecunNormal,
    "ones": Ones,
    "orthogonal": Orthogonal,
    "random_normal": RandomNormal,
    "random_uniform": RandomUniform,
    "sparse": Sparse,
    "truncated_normal": TruncatedNormal,
    "zeros": Zeros,
}
_CLASSES |= {cls.__name__: cls for cls in _CLASSES.values()}
# Keras' other names.
_CLASSES |= {
    "OrthogonalInitializer": Orthogonal,
    "normal": RandomNormal,
    "one": Ones,
    "uniform": RandomUniform,
    "zero": Zeros,
}


def get(identifier: InitializerLike) -> Any:
    """Returns an initializer by its identifier; a name of ours precedes Keras'.

    Args:
        identifier: Name, object, class, serialized initializer, array of the
            weight's shape, or `None`, which stays `None`.

    Example:

    >>> type(get("he_normal")) is HeNormal
    True
    """
    if isinstance(identifier, str) and identifier in _CLASSES:
        return _CLASSES[identifier]()
    return keras.initializers.get(identifier)


def serialize(initializer: Any) -> dict:
    """Returns the configuration of an initializer, for `deserialize`.

    Args:
        initializer: Initializer object.

    Example:

    >>> serialize(HeNormal(seed=1))["class_name"]
    'HeNormal'
    """
    return keras.initializers.serialize(initializer)


def deserialize(config: str | dict, custom_objects: dict | None = None) -> Any:
    """Returns the initializer that `serialize` described.

    Args:
        config: Name or configuration.
        custom_objects: Further objects by name.

    Example:

    >>> deserialize(serialize(HeNormal(seed=1))).seed
    1
    """
    if isinstance(config, str) and config not in (custom_objects or {}):
        return get(config)
    return keras.initializers.deserialize(config, custom_objects=custom_objects)
