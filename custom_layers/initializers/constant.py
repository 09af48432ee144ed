"""Deterministic initializers."""

from typing import Any

import keras
from keras import ops

from custom_layers._types import KnownShape, Tensor

__all__ = ["Constant", "Ones", "Zeros"]


@keras.saving.register_keras_serializable("custom_layers")
class Zeros(keras.initializers.Initializer):
    """Initializes all weights to zero.

    .. math::

        w = 0

    Example:

    >>> [float(w) for w in Zeros()((2,))]
    [0.0, 0.0]
    """

    def __call__(self, shape: KnownShape, dtype: str | None = None) -> Tensor:
        """Returns a tensor of the given shape and dtype."""
        return ops.zeros(shape, dtype=dtype or keras.config.floatx())


@keras.saving.register_keras_serializable("custom_layers")
class Ones(keras.initializers.Initializer):
    """Initializes all weights to one.

    .. math::

        w = 1

    Example:

    >>> [float(w) for w in Ones()((2,))]
    [1.0, 1.0]
    """

    def __call__(self, shape: KnownShape, dtype: str | None = None) -> Tensor:
        """Returns a tensor of the given shape and dtype."""
        return ops.ones(shape, dtype=dtype or keras.config.floatx())


@keras.saving.register_keras_serializable("custom_layers")
class Constant(keras.initializers.Initializer):
    """Initializes all weights to given values.

    .. math::

        w = c

    Args:
        value: Number, or array that broadcasts to the weight's shape: `c`.

    Example:

    >>> [float(w) for w in Constant(0.5)((2,))]
    [0.5, 0.5]
    """

    def __init__(self, value: Any = 0.0) -> None:
        self.value = value

    def __call__(self, shape: KnownShape, dtype: str | None = None) -> Tensor:
        """Returns a tensor of the given shape and dtype."""
        value = ops.cast(self.value, dtype or keras.config.floatx())
        # Torch cannot update a weight all of whose elements share their memory.
        return ops.copy(ops.broadcast_to(value, shape))

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {"value": keras.saving.serialize_keras_object(self.value)}

    @classmethod
    def from_config(cls, config: dict) -> "Constant":
        """Creates an initializer from its configuration."""
        return cls(keras.saving.deserialize_keras_object(config["value"]))
