"""Padding layers."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from custom_layers._types import Shape, Tensor
from custom_layers.layers._windows import (
    image_data_format,
    join_shape,
    per_dimension,
    split_shape,
)

__all__ = ["ZeroPadding2D"]


@keras.saving.register_keras_serializable("custom_layers")
class ZeroPadding2D(keras.layers.Layer):
    r"""Zero padding of images.

    .. math::

        y_{\mathrm{top} + i, \, \mathrm{left} + j, \, c} = x_{i, j, c},
        \qquad y = 0 \text{ elsewhere}

    Args:
        padding: Number of rows and columns on every side; or
            `(rows, columns)`, each number for both of its sides; or
            `((top, bottom), (left, right))`.
        data_format: `"channels_last"`, `"channels_first"` or `None` for Keras'
            default.

    Shapes:
        `(batch, height, width, channels)` to
        `(batch, top + height + bottom, left + width + right, channels)`. With
        `channels_first`, the channels follow the batch.

    Example:

    >>> x = ops.ones((1, 1, 2, 1))
    >>> ops.convert_to_numpy(ZeroPadding2D((0, 1))(x))[0, :, :, 0].tolist()
    [[0.0, 1.0, 1.0, 0.0]]
    """

    def __init__(
        self,
        padding: int | Sequence[int | tuple[int, int]] = (1, 1),
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.data_format = image_data_format(data_format)
        self.padding = _borders(padding)
        self.input_spec = keras.layers.InputSpec(ndim=4)

    def call(self, inputs: Tensor) -> Tensor:
        """Computes the padded images."""
        no = (0, 0)
        if self.data_format == "channels_last":
            return ops.pad(inputs, (no, *self.padding, no))
        return ops.pad(inputs, (no, no, *self.padding))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of the padded images."""
        sizes, channels = split_shape(input_shape, self.data_format)
        larger = tuple(
            None if size is None else size + sum(border)
            for size, border in zip(sizes, self.padding, strict=True)
        )
        return join_shape(input_shape[0], larger, channels, self.data_format)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "padding": self.padding,
            "data_format": self.data_format,
        }


def _borders(padding: Any) -> tuple[tuple[int, ...], ...]:
    """Returns `((top, bottom), (left, right))`."""
    if isinstance(padding, int):
        padding = (padding, padding)
    if not hasattr(padding, "__len__") or len(padding) != 2:
        raise ValueError(
            "`padding` must be an integer, two integers (rows, columns) or two pairs "
            f"((top, bottom), (left, right)). Received: padding={padding}"
        )
    return tuple(
        per_dimension(border, 2, f"padding[{index}]", least=0)
        for index, border in enumerate(padding)
    )
