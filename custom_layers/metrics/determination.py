"""Coefficient of determination."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from custom_layers._types import Tensor

__all__ = ["R2"]


@keras.saving.register_keras_serializable("custom_layers")
class R2(keras.metrics.Metric):
    r"""Coefficient of determination, the mean over the targets.

    .. math::

        R^2 = 1 - \frac{\sum_i w_i (y_i - p_i)^2}{\sum_i w_i (y_i - \bar{y})^2}, \quad
        \bar{y} = \frac{\sum_i w_i y_i}{\sum_i w_i}

    over all samples since the last reset, exact for batches of any size. It is 1 for
    predictions without error and 0 for always predicting the mean. Of a target that
    does not vary it is 1 without error, else 0.

    Unlike `keras.metrics.R2Score`, sums are taken of values with the scale of their
    standard deviation, so that a mean far from 0 costs no precision.

    Args:
        mean: About the mean of each target, which is subtracted from it first.
        scale: About the standard deviation of each target, which it is divided by.
        name: Name of the metric.
        dtype: Dtype of the computation; `None` for Keras' float type.

    Shapes:
        Two of `(batch, targets)` and weights `(batch,)` of the samples to a scalar.

    Example:

    >>> r2 = R2(mean=[2.0], scale=[1.0])
    >>> r2.update_state([[1.0], [2.0], [3.0]], [[1.0], [2.0], [2.0]])
    >>> float(r2.result())
    0.5

    Reference:
        Wright, 1921, Correlation and causation.
    """

    def __init__(
        self,
        mean: Sequence[float] = (0.0,),
        scale: Sequence[float] = (1.0,),
        name: str = "r2",
        dtype: str | None = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        if len(mean) != len(scale) or not all(each > 0 for each in scale):
            raise ValueError(
                "`mean` and `scale` must hold a number for each target, `scale` ones "
                f"above 0. Received: mean={mean}, scale={scale}"
            )
        self.mean = [float(each) for each in mean]
        self.scale = [float(each) for each in scale]
        self._direction = "up"  # read by callbacks with mode="auto"
        shape = (len(self.mean),)
        self.weight = self.add_variable((), "zeros", name="weight")
        self.total = self.add_variable(shape, "zeros", name="total")
        self.squares = self.add_variable(shape, "zeros", name="squares")
        self.residual = self.add_variable(shape, "zeros", name="residual")

    def update_state(
        self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None = None
    ) -> None:
        """Adds the samples of a batch."""
        y_true = ops.cast(y_true, self.dtype)
        y_pred = ops.cast(y_pred, self.dtype)
        mean, scale = (
            ops.convert_to_tensor(x, self.dtype) for x in (self.mean, self.scale)
        )
        values = (y_true - mean) / scale
        errors = (y_true - y_pred) / scale
        weight = ops.ones_like(values[:, :1])
        if sample_weight is not None:
            weight = ops.reshape(ops.cast(sample_weight, self.dtype), (-1, 1))
        self.weight.assign_add(ops.sum(weight))
        self.total.assign_add(ops.sum(weight * values, axis=0))
        self.squares.assign_add(ops.sum(weight * ops.square(values), axis=0))
        self.residual.assign_add(ops.sum(weight * ops.square(errors), axis=0))

    def result(self) -> Tensor:
        """Computes the coefficient."""
        weight = ops.maximum(self.weight, keras.config.epsilon())
        variation = self.squares - ops.square(self.total) / weight
        # What rounding leaves of the variation of a constant is not one.
        varies = variation > 1e-6 * self.squares
        share = self.residual / ops.where(varies, variation, 1.0)
        constant = ops.cast(self.residual > 0, self.dtype)
        return ops.mean(1.0 - ops.where(varies, share, constant))

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments."""
        return super().get_config() | {"mean": self.mean, "scale": self.scale}
