"""Metrics that Keras lacks."""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("zoo")
class TokenAccuracy(keras.metrics.Mean):
    """Share of the tokens whose largest logit is that of their class.

    Args:
        ignored: Class of tokens that do not count.
        name: Of the figure.
        dtype: It is computed in.

    Example:

    >>> accuracy = TokenAccuracy()
    >>> accuracy.update_state([[0, 1, -1]], [[[2.0, 1.0], [2.0, 1.0], [2.0, 1.0]]])
    >>> float(accuracy.result())
    0.5
    """

    def __init__(
        self, ignored: int = -1, name: str = "accuracy", dtype: str | None = None
    ) -> None:
        super().__init__(name, dtype)
        self.ignored = ignored

    def update_state(
        self, y_true: Any, y_pred: Any, sample_weight: Any | None = None
    ) -> None:
        """Adds classes (batch, time) and logits (batch, time, classes)."""
        y_true = ops.convert_to_tensor(y_true)
        best = ops.cast(ops.argmax(y_pred, axis=-1), y_true.dtype)
        counts = ops.cast(ops.not_equal(y_true, self.ignored), "float32")
        if sample_weight is not None:
            weight = ops.cast(ops.reshape(sample_weight, (-1, 1)), "float32")
            counts = ops.multiply(counts, weight)
        super().update_state(ops.equal(best, y_true), counts)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {"ignored": self.ignored}
