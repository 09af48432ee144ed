"""Regression losses that a few large errors do not rule."""

import keras
from keras import ops

from custom_layers._types import Tensor
from custom_layers.losses._function import FunctionLoss
from custom_layers.losses._pairs import same_rank

__all__ = ["Huber", "huber"]


@keras.saving.register_keras_serializable("custom_layers")
def huber(y_true: Tensor, y_pred: Tensor, delta: float = 1.0) -> Tensor:
    r"""Mean along the last axis of squared small and absolute large errors.

    .. math::

        L = \frac{1}{n} \sum_i h(y_i - p_i), \quad
        h(e) = \begin{cases}
            \frac{1}{2} e^2 & \lvert e \rvert \le \delta \\
            \delta \lvert e \rvert - \frac{1}{2} \delta^2 & \text{otherwise}
        \end{cases}

    Args:
        y_true: Targets `y`.
        y_pred: Predictions `p`.
        delta: Error from which the loss grows linearly.

    Shapes:
        Two of `(batch, ..., features)` to `(batch, ...)`.

    Example:

    >>> ops.convert_to_numpy(huber([[0.0, 4.0]], [[1.0, 1.0]])).tolist()
    [1.5]
    """
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = ops.convert_to_tensor(y_true, dtype=y_pred.dtype)
    error = ops.abs(ops.subtract(*same_rank(y_true, y_pred)))
    delta = ops.convert_to_tensor(delta, dtype=error.dtype)
    square, line = 0.5 * ops.square(error), delta * error - 0.5 * ops.square(delta)
    return ops.mean(ops.where(error <= delta, square, line), axis=-1)


@keras.saving.register_keras_serializable("custom_layers")
class Huber(FunctionLoss):
    r"""Huber loss: squared for small errors, absolute for large ones.

    .. math::

        L = \frac{1}{n} \sum_i h(y_i - p_i), \quad
        h(e) = \begin{cases}
            \frac{1}{2} e^2 & \lvert e \rvert \le \delta \\
            \delta \lvert e \rvert - \frac{1}{2} \delta^2 & \text{otherwise}
        \end{cases}

    reduced over the samples; see `huber`.

    Args:
        delta: Error from which the loss grows linearly.
        reduction: `"sum_over_batch_size"` or `"mean"`, `"sum"`,
            `"mean_with_sample_weight"`, `"none"` or `None`.
        name: Name of the loss.
        dtype: Dtype of the computation; `None` for Keras' float type.

    Shapes:
        Two of `(batch, ..., features)` to a scalar; without a reduction to
        `(batch, ...)`.

    Example:

    >>> float(Huber()([[0.0, 4.0]], [[1.0, 1.0]]))
    1.5

    Reference:
        Huber, 1964, Robust estimation of a location parameter.
    """

    def __init__(
        self,
        delta: float = 1.0,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "huber_loss",
        dtype: str | keras.DTypePolicy | None = None,
    ) -> None:
        super().__init__(huber, reduction, name, dtype)
        self.delta = delta

    def options(self) -> dict:
        """Returns the further arguments of the function."""
        return {"delta": self.delta}

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | self.options()
