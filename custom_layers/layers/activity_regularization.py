"""Activity regularization as a layer."""

from typing import Any

import keras

from custom_layers import regularizers
from custom_layers._types import Shape, Tensor

__all__ = ["ActivityRegularization"]


@keras.saving.register_keras_serializable("custom_layers")
class ActivityRegularization(keras.layers.Layer):
    r"""Adds an L1 and an L2 penalty on its inputs to the loss.

    .. math::

        L = \frac{1}{N} \left(\lambda_1 \sum_i \lvert x_i \rvert
            + \lambda_2 \sum_i x_i^2\right), \qquad y = x

    for a batch of `N` samples.

    Args:
        l1: L1 regularization factor, at least 0.
        l2: L2 regularization factor, at least 0.

    Shapes:
        Any shape to the same shape.

    Example:

    >>> layer = ActivityRegularization(l1=0.5)
    >>> y = layer(keras.ops.array([[1.0, -3.0]]))
    >>> float(layer.losses[0])
    2.0
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **kwargs: Any) -> None:
        super().__init__(activity_regularizer=regularizers.L1L2(l1=l1, l2=l2), **kwargs)
        self.supports_masking = True
        self.l1 = l1
        self.l2 = l2
        self._build_at_init()

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the inputs."""
        return inputs

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of the inputs."""
        return input_shape

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        config = super().get_config() | {"l1": self.l1, "l2": self.l2}
        config.pop("activity_regularizer", None)
        return config
