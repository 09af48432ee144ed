"""L1 and L2 regularizers of weights and activations."""

import math
from typing import Any

import keras
from keras import ops

from custom_layers._types import RegularizerLike, Tensor

__all__ = ["L1", "L1L2", "L2", "deserialize", "get", "serialize"]


@keras.saving.register_keras_serializable("custom_layers")
class L1(keras.regularizers.Regularizer):
    r"""Lasso penalty on absolute values, which drives many weights to zero.

    .. math::

        L = \lambda_1 \sum_i \lvert x_i \rvert

    Args:
        l1: Regularization factor, at least 0; `None` for 0.01.

    Shapes:
        Any shape to a scalar.

    Example:

    >>> float(L1(0.5)(ops.array([1.0, -3.0])))
    2.0

    Reference:
        Tibshirani, 1996, Regression shrinkage and selection via the lasso.
    """

    def __init__(self, l1: float = 0.01) -> None:
        self.l1 = _checked("l1", 0.01 if l1 is None else l1)

    def __call__(self, x: Tensor) -> Tensor:
        """Computes the penalty."""
        return _absolute(self.l1, x)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {"l1": self.l1}


@keras.saving.register_keras_serializable("custom_layers")
class L2(keras.regularizers.Regularizer):
    r"""Ridge penalty on squares, which keeps all weights small.

    .. math::

        L = \lambda_2 \sum_i x_i^2

    Args:
        l2: Regularization factor, at least 0; `None` for 0.01.

    Shapes:
        Any shape to a scalar.

    Example:

    >>> float(L2(0.5)(ops.array([1.0, -3.0])))
    5.0

    Reference:
        Hoerl and Kennard, 1970, Ridge regression: biased estimation for
        nonorthogonal problems.
    """

    def __init__(self, l2: float = 0.01) -> None:
        self.l2 = _checked("l2", 0.01 if l2 is None else l2)

    def __call__(self, x: Tensor) -> Tensor:
        """Computes the penalty."""
        return _squared(self.l2, x)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {"l2": self.l2}


@keras.saving.register_keras_serializable("custom_layers")
class L1L2(keras.regularizers.Regularizer):
    r"""Elastic net: a penalty on absolute values and on squares.

    .. math::

        L = \lambda_1 \sum_i \lvert x_i \rvert + \lambda_2 \sum_i x_i^2

    Args:
        l1: L1 regularization factor, at least 0; `None` for 0.
        l2: L2 regularization factor, at least 0; `None` for 0.

    Shapes:
        Any shape to a scalar.

    Example:

    >>> float(L1L2(l1=0.5, l2=0.5)(ops.array([1.0, -3.0])))
    7.0

    Reference:
        Zou and Hastie, 2005, Regularization and variable selection via the
        elastic net.
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        self.l1 = _checked("l1", 0.0 if l1 is None else l1)
        self.l2 = _checked("l2", 0.0 if l2 is None else l2)

    def __call__(self, x: Tensor) -> Tensor:
        """Computes the penalty."""
        if self.l1 and self.l2:
            return _absolute(self.l1, x) + _squared(self.l2, x)
        if self.l1:
            return _absolute(self.l1, x)
        if self.l2:
            return _squared(self.l2, x)
        return ops.zeros((), dtype=x.dtype)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {"l1": self.l1, "l2": self.l2}


def _checked(name: str, value: Any) -> float:
    if not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise ValueError(
            f"`{name}` must be a non-negative float. Received: {name}={value}"
        )
    return float(value)


def _absolute(strength: float, x: Tensor) -> Tensor:
    return _scaled(strength, ops.sum(ops.absolute(x)))


def _squared(strength: float, x: Tensor) -> Tensor:
    return _scaled(strength, ops.sum(ops.square(x)))


def _scaled(strength: float, total: Tensor) -> Tensor:
    if keras.backend.is_float_dtype(total.dtype):
        # On Torch, a Python number makes half precision single.
        return ops.multiply(ops.cast(strength, total.dtype), total)
    return ops.multiply(strength, total)


_CLASSES = {"l1": L1, "l2": L2, "l1l2": L1L2}
_CLASSES |= {cls.__name__: cls for cls in _CLASSES.values()}


def get(identifier: RegularizerLike) -> Any:
    """Returns a regularizer by its identifier; a name of ours precedes Keras'.

    Args:
        identifier: Name, object, class, function, serialized regularizer, or
            `None`, which stays `None`.

    Example:

    >>> type(get("l2")) is L2
    True
    """
    if isinstance(identifier, str) and identifier in _CLASSES:
        return _CLASSES[identifier]()
    return keras.regularizers.get(identifier)


def serialize(regularizer: Any) -> dict:
    """Returns the configuration of a regularizer, for `deserialize`.

    Args:
        regularizer: Regularizer object or function.

    Example:

    >>> serialize(L2(0.5))["config"]
    {'l2': 0.5}
    """
    return keras.regularizers.serialize(regularizer)


def deserialize(config: str | dict, custom_objects: dict | None = None) -> Any:
    """Returns the regularizer that `serialize` described.

    Args:
        config: Name or configuration.
        custom_objects: Further objects by name.

    Example:

    >>> deserialize(serialize(L2(0.5))).l2
    0.5
    """
    if isinstance(config, str) and config not in (custom_objects or {}):
        return get(config)
    return keras.regularizers.deserialize(config, custom_objects=custom_objects)
