"""Base class of the convolution layers."""

from typing import Any

import keras
from keras import ops

from custom_layers import regularizers
from custom_layers._types import Shape, Tensor
from custom_layers.layers._kernel import KernelLayer
from custom_layers.layers._windows import (
    image_data_format,
    join_shape,
    per_dimension,
    split_shape,
    window_padding,
    window_positions,
)


class ConvolvingLayer(KernelLayer):
    """Base class of convolutions over `rank` spatial dimensions."""

    rank: int

    def __init__(
        self,
        *,
        kernel_size: int | tuple[int, ...],
        strides: int | tuple[int, ...],
        padding: str,
        data_format: str | None,
        dilation_rate: int | tuple[int, ...],
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.kernel_size = per_dimension(kernel_size, self.rank, "kernel_size")
        self.strides = per_dimension(strides, self.rank, "strides")
        self.padding = window_padding(padding, causal=self.rank == 1)
        self.data_format = image_data_format(data_format)
        self.dilation_rate = per_dimension(dilation_rate, self.rank, "dilation_rate")
        self.input_spec = keras.layers.InputSpec(min_ndim=self.rank + 2)

    def count_maps(self, channels: int | None) -> int | None:
        """Returns the number of output channels for a number of input channels."""
        raise NotImplementedError

    def fix_channels(self, input_shape: Shape) -> int:
        """Validates the shape, sets `input_spec` and returns the input channels."""
        _, channels = split_shape(input_shape, self.data_format)
        if channels is None:
            raise ValueError(
                "The number of input channels must be known. "
                f"Received: input_shape={input_shape}"
            )
        self.compute_output_shape(input_shape)
        axis = -1 if self.data_format == "channels_last" else 1
        self.input_spec = keras.layers.InputSpec(
            min_ndim=self.rank + 2, axes={axis: channels}
        )
        return channels

    def finish(self, maps: Tensor) -> Tensor:
        """Adds the bias to its maps and applies the activation."""
        if self.bias is None:
            return self.activate(maps)
        if self.data_format == "channels_last":
            return self.activate(ops.add(maps, self.bias))
        # Not `ops.add`: on TensorFlow it adds such a bias along the last axis where
        # its size equals the number of channels.
        return self.activate(maps + ops.reshape(self.bias, (1, -1, *(1,) * self.rank)))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of the feature maps."""
        if len(input_shape) != self.rank + 2:
            raise ValueError(
                f"The input must have {self.rank + 2} dimensions: batch, channels and "
                f"{self.rank} spatial ones. Received: input_shape={input_shape}"
            )
        sizes, channels = split_shape(input_shape, self.data_format)
        maps = self.count_maps(channels)
        return join_shape(input_shape[0], self.positions(sizes), maps, self.data_format)

    def positions(self, sizes: Shape) -> Shape:
        """Returns the output size of each spatial dimension."""
        return window_positions(
            sizes, self.kernel_size, self.strides, self.padding, self.dilation_rate
        )

    def get_config(self) -> dict:
        """Returns the shared arguments of the constructor."""
        return super().get_config() | {
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "data_format": self.data_format,
            "dilation_rate": self.dilation_rate,
            "activity_regularizer": regularizers.serialize(self.activity_regularizer),
        }


def check_count(value: Any, name: str) -> None:
    """Raises a `ValueError` unless a count is positive."""
    if not isinstance(value, int) or value <= 0:
        raise ValueError(
            f"Invalid value for argument `{name}`. Expected a strictly positive "
            f"value. Received {name}={value}."
        )


def check_steps(strides: tuple[int, ...], dilation_rate: tuple[int, ...]) -> None:
    """Raises a `ValueError` if both strides and dilation rate exceed 1."""
    if max(strides) > 1 and max(dilation_rate) > 1:
        raise ValueError(
            "`strides > 1` not supported in conjunction with `dilation_rate > 1`. "
            f"Received: strides={strides} and dilation_rate={dilation_rate}. "
            "Set one of them to 1."
        )
