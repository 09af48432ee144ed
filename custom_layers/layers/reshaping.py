"""Reshaping layers."""

import math
from typing import Any

import keras
from keras import ops

from custom_layers._types import Shape, Tensor, is_known
from custom_layers.layers._windows import image_data_format

__all__ = ["Flatten"]


@keras.saving.register_keras_serializable("custom_layers")
class Flatten(keras.layers.Layer):
    """Flattens each sample to a vector.

    .. math::

        y_{(i W + j) C + c} = x_{i, j, c}

    for images of width `W` with `C` channels.

    Args:
        data_format: With `"channels_first"` the channels are moved to the last axis
            first, so that both formats give the same vector. `None` for Keras'
            default.

    Shapes:
        `(batch, ...)` to `(batch, product of the rest)`; `(batch,)` to
        `(batch, 1)`.

    Example:

    >>> tuple(Flatten()(ops.zeros((2, 4, 4, 3))).shape)
    (2, 48)
    """

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = image_data_format(data_format)
        self.input_spec = keras.layers.InputSpec(min_ndim=1)

    def call(self, inputs: Tensor) -> Tensor:
        """Reshapes the inputs."""
        rank = len(inputs.shape)
        if self.data_format == "channels_first" and rank > 2:
            inputs = ops.transpose(inputs, (0, *range(2, rank), 1))
        _, size = self.compute_output_shape(tuple(inputs.shape))
        # A reshape can infer one dimension, and not from an empty tensor: the
        # batch where the vector's size is known, for a constant shape in the graph.
        if size:
            return ops.reshape(inputs, (-1, size))
        return ops.reshape(inputs, (ops.shape(inputs)[0], -1 if size is None else 0))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of the vectors."""
        sizes = tuple(input_shape[1:])
        return (input_shape[0], math.prod(sizes) if is_known(sizes) else None)

    def compute_output_spec(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Keeps the dtype of the inputs, integers too."""
        return keras.KerasTensor(
            self.compute_output_shape(inputs.shape), dtype=inputs.dtype
        )

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {"data_format": self.data_format}
