"""Losses of quantities in units of their standard deviations."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("zoo")
class StandardizedLoss(keras.losses.Loss):
    r"""Another loss of standardized targets and predictions.

    .. math::

        L = L'\Big(\frac{y - \mu}{\sigma}, \frac{p - \mu}{\sigma}\Big)

    A learning rate, the threshold of a Huber loss or a regularization factor then mean
    the same for targets of any unit.

    Args:
        loss: The loss `L'`.
        mean: Mean `mu` of each target.
        scale: Standard deviation `sigma` of each target, above 0.
        reduction: `"sum_over_batch_size"` or `"mean"`, `"sum"`,
            `"mean_with_sample_weight"`, `"none"` or `None`; that of `loss` is not used.
        name: Name of the loss.
        dtype: Dtype of the computation; `None` for Keras' float type.

    Shapes:
        Two of `(batch, targets)` to a scalar; without a reduction to `(batch,)`.

    Example:

    >>> squared = keras.losses.MeanSquaredError()
    >>> loss = StandardizedLoss(squared, mean=[100.0], scale=[10.0])
    >>> float(loss([[100.0]], [[120.0]]))
    4.0
    """

    def __init__(
        self,
        loss: keras.losses.Loss,
        mean: Sequence[float],
        scale: Sequence[float],
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "standardized_loss",
        dtype: str | keras.DTypePolicy | None = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        if len(mean) != len(scale) or not all(each > 0 for each in scale):
            raise ValueError(
                "`mean` and `scale` must hold a number for each target, `scale` ones "
                f"above 0. Received: mean={mean}, scale={scale}"
            )
        self.loss = loss
        self.mean = [float(each) for each in mean]
        self.scale = [float(each) for each in scale]

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Computes the loss of each sample."""
        return self.loss.call(self._standardized(y_true), self._standardized(y_pred))

    def _standardized(self, values: Any) -> Any:
        values = ops.cast(values, self.dtype)
        mean, scale = (
            ops.convert_to_tensor(x, self.dtype) for x in (self.mean, self.scale)
        )
        return (values - mean) / scale

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments."""
        loss = keras.saving.serialize_keras_object(self.loss)
        return super().get_config() | {
            "loss": loss,
            "mean": self.mean,
            "scale": self.scale,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "StandardizedLoss":
        """Makes the loss from its constructor's arguments."""
        loss = keras.saving.deserialize_keras_object(config["loss"])
        return cls(**config | {"loss": loss})
