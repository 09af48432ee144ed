"""Loss of action values against what followed the action."""

import keras
from keras import ops

from custom_layers._types import Tensor
from custom_layers.losses.robust import huber

__all__ = ["TemporalDifferenceLoss", "temporal_difference_loss"]


@keras.saving.register_keras_serializable("custom_layers")
def temporal_difference_loss(
    y_true: Tensor, y_pred: Tensor, delta: float = 1.0
) -> Tensor:
    r"""Huber loss of the value of the action that was taken.

    .. math::

        L = h(y - Q(s, a)), \quad
        h(e) = \begin{cases}
            \frac{1}{2} e^2 & \lvert e \rvert \le \delta \\
            \delta \lvert e \rvert - \frac{1}{2} \delta^2 & \text{otherwise}
        \end{cases}

    The values of the other actions have no gradient.

    Args:
        y_true: Columns action :math:`a` (its index) and target :math:`y`, such as
            :math:`r + \gamma \max_{a'} Q^-(s', a')`.
        y_pred: Action values :math:`Q(s, \cdot)`.
        delta: Error from which the loss grows linearly.

    Shapes:
        `(batch, 2)` and `(batch, actions)` to `(batch,)`.

    Example:

    >>> loss = temporal_difference_loss([[1.0, 4.0]], [[9.0, 1.0]])
    >>> ops.convert_to_numpy(loss).tolist()
    [2.5]

    Reference:
        Mnih et al., 2015, Human-level control through deep reinforcement learning.
    """
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = ops.cast(y_true, y_pred.dtype)
    if y_true.shape[-1] != 2:
        raise ValueError(
            "`y_true` must have the columns action and target. Received: "
            f"y_true.shape={tuple(y_true.shape)}"
        )
    action = ops.cast(y_true[..., 0], "int32")
    chosen = ops.one_hot(action, y_pred.shape[-1], dtype=y_pred.dtype)
    value = ops.sum(chosen * y_pred, axis=-1, keepdims=True)
    return huber(y_true[..., 1:], value, delta)


@keras.saving.register_keras_serializable("custom_layers")
class TemporalDifferenceLoss(keras.losses.Loss):
    r"""Huber loss of the value of the action that was taken (DQN).

    .. math::

        L = h(y - Q(s, a)), \quad
        h(e) = \begin{cases}
            \frac{1}{2} e^2 & \lvert e \rvert \le \delta \\
            \delta \lvert e \rvert - \frac{1}{2} \delta^2 & \text{otherwise}
        \end{cases}

    reduced over the samples; see `temporal_difference_loss`.

    Args:
        delta: Error from which the loss grows linearly.
        reduction: `"sum_over_batch_size"` or `"mean"`, `"sum"`,
            `"mean_with_sample_weight"`, `"none"` or `None`.
        name: Name of the loss.
        dtype: Dtype of the computation; `None` for Keras' float type.

    Shapes:
        `(batch, 2)` and `(batch, actions)` to a scalar; without a reduction to
        `(batch,)`.

    Example:

    >>> float(TemporalDifferenceLoss()([[1.0, 4.0]], [[9.0, 1.0]]))
    2.5

    Reference:
        Mnih et al., 2015, Human-level control through deep reinforcement learning.
    """

    def __init__(
        self,
        delta: float = 1.0,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "temporal_difference_loss",
        dtype: str | keras.DTypePolicy | None = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.delta = delta

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Computes the loss of each sample."""
        return temporal_difference_loss(y_true, y_pred, self.delta)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {"delta": self.delta}
