"""Base class of the losses that Keras has too."""

from collections.abc import Callable

import keras

from custom_layers._types import Tensor
from custom_layers.losses._pairs import same_rank


class FunctionLoss(keras.losses.Loss):
    """Reduces a function of targets and predictions that gives each sample's loss."""

    def __init__(
        self,
        fn: Callable[..., Tensor],
        reduction: str | None,
        name: str | None,
        dtype: str | keras.DTypePolicy | None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.fn = fn

    def options(self) -> dict:
        """Returns the further arguments of the function."""
        return {}

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Computes the loss of each sample."""
        return self.fn(*same_rank(y_true, y_pred), **self.options())
