"""Margin losses."""

import keras
from keras import ops

from custom_layers._types import Tensor
from custom_layers.losses._function import FunctionLoss
from custom_layers.losses._signs import signed_labels

__all__ = [
    "CategoricalHinge",
    "Hinge",
    "SquaredHinge",
    "categorical_hinge",
    "hinge",
    "squared_hinge",
]


@keras.saving.register_keras_serializable("custom_layers")
def hinge(y_true: Tensor, y_pred: Tensor) -> Tensor:
    r"""Hinge loss with a margin of one.

    .. math::

        L = \frac{1}{n} \sum_i \max(0, 1 - y_i s_i)

    Args:
        y_true: Labels `y`, -1 or 1; 0 and 1 are taken as -1 and 1.
        y_pred: Scores `s`.

    Shapes:
        Two of `(batch, ..., scores)` to `(batch, ...)`.

    Example:

    >>> ops.convert_to_numpy(hinge([[1.0, -1.0]], [[0.5, 0.5]])).tolist()
    [1.0]
    """
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = signed_labels(ops.cast(y_true, y_pred.dtype))
    return ops.mean(ops.maximum(1.0 - y_true * y_pred, 0.0), axis=-1)


@keras.saving.register_keras_serializable("custom_layers")
def squared_hinge(y_true: Tensor, y_pred: Tensor) -> Tensor:
    r"""Squared hinge loss with a margin of one.

    .. math::

        L = \frac{1}{n} \sum_i \max(0, 1 - y_i s_i)^2

    Args:
        y_true: Labels `y`, -1 or 1; 0 and 1 are taken as -1 and 1.
        y_pred: Scores `s`.

    Shapes:
        Two of `(batch, ..., scores)` to `(batch, ...)`.

    Example:

    >>> ops.convert_to_numpy(squared_hinge([[1.0, -1.0]], [[0.5, 0.5]])).tolist()
    [1.25]
    """
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = signed_labels(ops.cast(y_true, y_pred.dtype))
    return ops.mean(ops.square(ops.maximum(1.0 - y_true * y_pred, 0.0)), axis=-1)


@keras.saving.register_keras_serializable("custom_layers")
def categorical_hinge(y_true: Tensor, y_pred: Tensor) -> Tensor:
    r"""Multiclass hinge loss: the true class against the best other class.

    .. math::

        L = \max\left(0, 1 + \max_k (1 - y_k) s_k - \sum_k y_k s_k\right)

    Args:
        y_true: One-hot labels `y`.
        y_pred: Scores `s` of the classes.

    Shapes:
        Two of `(batch, ..., classes)` to `(batch, ...)`.

    Example:

    >>> ops.convert_to_numpy(categorical_hinge([[0.0, 1.0]], [[0.5, 1.0]])).tolist()
    [0.5]
    """
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = ops.cast(y_true, y_pred.dtype)
    right = ops.sum(y_true * y_pred, axis=-1)
    best_other = ops.max((1.0 - y_true) * y_pred, axis=-1)
    return ops.maximum(best_other - right + 1.0, 0.0)


@keras.saving.register_keras_serializable("custom_layers")
class Hinge(FunctionLoss):
    r"""Hinge loss with a margin of one.

    .. math::

        L = \frac{1}{n} \sum_i \max(0, 1 - y_i s_i)

    reduced over the samples; see `hinge`.

    Args:
        reduction: `"sum_over_batch_size"` or `"mean"`, `"sum"`,
            `"mean_with_sample_weight"`, `"none"` or `None`.
        name: Name of the loss.
        dtype: Dtype of the computation; `None` for Keras' float type.

    Shapes:
        Two of `(batch, ..., scores)` to a scalar; without a reduction to
        `(batch, ...)`.

    Example:

    >>> float(Hinge()([[1.0, -1.0]], [[0.5, 0.5]]))
    1.0

    Reference:
        Cortes and Vapnik, 1995, Support-vector networks.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "hinge",
        dtype: str | keras.DTypePolicy | None = None,
    ) -> None:
        super().__init__(hinge, reduction, name, dtype)


@keras.saving.register_keras_serializable("custom_layers")
class SquaredHinge(FunctionLoss):
    r"""Squared hinge loss with a margin of one.

    .. math::

        L = \frac{1}{n} \sum_i \max(0, 1 - y_i s_i)^2

    reduced over the samples; see `squared_hinge`.

    Args:
        reduction: `"sum_over_batch_size"` or `"mean"`, `"sum"`,
            `"mean_with_sample_weight"`, `"none"` or `None`.
        name: Name of the loss.
        dtype: Dtype of the computation; `None` for Keras' float type.

    Shapes:
        Two of `(batch, ..., scores)` to a scalar; without a reduction to
        `(batch, ...)`.

    Example:

    >>> float(SquaredHinge()([[1.0, -1.0]], [[0.5, 0.5]]))
    1.25

    Reference:
        Cortes and Vapnik, 1995, Support-vector networks.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "squared_hinge",
        dtype: str | keras.DTypePolicy | None = None,
    ) -> None:
        super().__init__(squared_hinge, reduction, name, dtype)


@keras.saving.register_keras_serializable("custom_layers")
class CategoricalHinge(FunctionLoss):
    r"""Multiclass hinge loss: the true class against the best other class.

    .. math::

        L = \max\left(0, 1 + \max_k (1 - y_k) s_k - \sum_k y_k s_k\right)

    reduced over the samples; see `categorical_hinge`.

    Args:
        reduction: `"sum_over_batch_size"` or `"mean"`, `"sum"`,
            `"mean_with_sample_weight"`, `"none"` or `None`.
        name: Name of the loss.
        dtype: Dtype of the computation; `None` for Keras' float type.

    Shapes:
        Two of `(batch, ..., classes)` to a scalar; without a reduction to
        `(batch, ...)`.

    Example:

    >>> float(CategoricalHinge()([[0.0, 1.0]], [[0.5, 1.0]]))
    0.5

    Reference:
        Crammer and Singer, 2001, On the algorithmic implementation of multiclass
        kernel-based vector machines.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_hinge",
        dtype: str | keras.DTypePolicy | None = None,
    ) -> None:
        super().__init__(categorical_hinge, reduction, name, dtype)
