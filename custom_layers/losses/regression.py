"""Regression losses."""

import keras
from keras import ops

from custom_layers import fast
from custom_layers._types import Tensor
from custom_layers.losses._function import FunctionLoss
from custom_layers.losses._pairs import same_rank

__all__ = [
    "MeanAbsoluteError",
    "MeanSquaredError",
    "mean_absolute_error",
    "mean_squared_error",
]


@keras.saving.register_keras_serializable("custom_layers")
def mean_squared_error(y_true: Tensor, y_pred: Tensor) -> Tensor:
    r"""Mean squared error along the last axis.

    .. math::

        L = \frac{1}{n} \sum_i (y_i - p_i)^2

    Args:
        y_true: Targets `y`.
        y_pred: Predictions `p`.

    Shapes:
        Two of `(batch, ..., features)` to `(batch, ...)`.

    Example:

    >>> ops.convert_to_numpy(mean_squared_error([[0.0, 4.0]], [[1.0, 1.0]])).tolist()
    [5.0]
    """
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = ops.convert_to_tensor(y_true, dtype=y_pred.dtype)
    y_true, y_pred = same_rank(y_true, y_pred)
    return ops.mean(ops.square(y_true - y_pred), axis=-1)


@keras.saving.register_keras_serializable("custom_layers")
def mean_absolute_error(y_true: Tensor, y_pred: Tensor) -> Tensor:
    r"""Mean absolute error along the last axis.

    .. math::

        L = \frac{1}{n} \sum_i \lvert y_i - p_i \rvert

    Args:
        y_true: Targets `y`.
        y_pred: Predictions `p`.

    Shapes:
        Two of `(batch, ..., features)` to `(batch, ...)`.

    Example:

    >>> ops.convert_to_numpy(mean_absolute_error([[0.0, 4.0]], [[1.0, 1.0]])).tolist()
    [2.0]
    """
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = ops.convert_to_tensor(y_true, dtype=y_pred.dtype)
    y_true, y_pred = same_rank(y_true, y_pred)
    return _mean_absolute_error(y_true, y_pred)


@fast.path
def _mean_absolute_error(y_true: Tensor, y_pred: Tensor) -> Tensor:
    return ops.mean(ops.abs(y_true - y_pred), axis=-1)


@keras.saving.register_keras_serializable("custom_layers")
class MeanSquaredError(FunctionLoss):
    r"""Mean squared error.

    .. math::

        L = \frac{1}{n} \sum_i (y_i - p_i)^2

    reduced over the samples; see `mean_squared_error`.

    Args:
        reduction: `"sum_over_batch_size"` or `"mean"`, `"sum"`,
            `"mean_with_sample_weight"`, `"none"` or `None`.
        name: Name of the loss.
        dtype: Dtype of the computation; `None` for Keras' float type.

    Shapes:
        Two of `(batch, ..., features)` to a scalar; without a reduction to
        `(batch, ...)`.

    Example:

    >>> float(MeanSquaredError()([[0.0, 4.0]], [[1.0, 1.0]]))
    5.0

    Reference:
        Gauss, 1809, Theoria motus corporum coelestium, book 2, section 3.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_squared_error",
        dtype: str | keras.DTypePolicy | None = None,
    ) -> None:
        super().__init__(mean_squared_error, reduction, name, dtype)


@keras.saving.register_keras_serializable("custom_layers")
class MeanAbsoluteError(FunctionLoss):
    r"""Mean absolute error.

    .. math::

        L = \frac{1}{n} \sum_i \lvert y_i - p_i \rvert

    reduced over the samples; see `mean_absolute_error`.

    Args:
        reduction: `"sum_over_batch_size"` or `"mean"`, `"sum"`,
            `"mean_with_sample_weight"`, `"none"` or `None`.
        name: Name of the loss.
        dtype: Dtype of the computation; `None` for Keras' float type.

    Shapes:
        Two of `(batch, ..., features)` to a scalar; without a reduction to
        `(batch, ...)`.

    Example:

    >>> float(MeanAbsoluteError()([[0.0, 4.0]], [[1.0, 1.0]]))
    2.0

    Reference:
        Boscovich, 1757, De litteraria expeditione per pontificiam ditionem.
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_absolute_error",
        dtype: str | keras.DTypePolicy | None = None,
    ) -> None:
        super().__init__(mean_absolute_error, reduction, name, dtype)
