"""Metrics of classification that Keras lacks."""

import keras
from keras import ops

from custom_layers._types import Tensor

__all__ = ["TokenAccuracy"]


@keras.saving.register_keras_serializable("custom_layers")
class TokenAccuracy(keras.metrics.Mean):
    r"""Fraction of the tokens whose largest logit is that of their class.

    .. math::

        \mathrm{accuracy} = \frac
            {\sum_{t : y_t \ne \mathrm{ignore}} [\arg\max_k z_{tk} = y_t]}
            {\sum_{t : y_t \ne \mathrm{ignore}} 1}

    Args:
        ignore_class: Class of the padding, which is left out.
        name: Name of the metric.
        dtype: Dtype of the computation; `None` for Keras' float type.

    Shapes:
        Classes `(batch, time)`, logits `(batch, time, classes)` and weights
        `(batch,)` of the samples, or `(batch, time)` of the tokens, to a scalar.

    Example:

    >>> accuracy = TokenAccuracy()
    >>> accuracy.update_state([[0, 1, -1]], [[[2.0, 1.0], [2.0, 1.0], [2.0, 1.0]]])
    >>> float(accuracy.result())
    0.5
    """

    def __init__(
        self, ignore_class: int = -1, name: str = "accuracy", dtype: str | None = None
    ) -> None:
        super().__init__(name, dtype)
        self.ignore_class = ignore_class
        self._direction = "up"  # read by callbacks with mode="auto"

    def update_state(
        self, y_true: Tensor, y_pred: Tensor, sample_weight: Tensor | None = None
    ) -> None:
        """Adds the tokens of a batch."""
        y_true = ops.convert_to_tensor(y_true)
        predicted = ops.cast(ops.argmax(y_pred, axis=-1), y_true.dtype)
        weight = ops.cast(ops.not_equal(y_true, self.ignore_class), "float32")
        if sample_weight is not None:
            given: Tensor = ops.cast(sample_weight, "float32")
            if len(given.shape) == 1:
                given = ops.expand_dims(given, -1)
            weight = ops.multiply(weight, given)
        super().update_state(ops.equal(predicted, y_true), weight)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {"ignore_class": self.ignore_class}
