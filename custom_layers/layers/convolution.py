"""Convolution layers."""

from typing import Any

import keras
from keras import ops

from custom_layers import regularizers
from custom_layers._types import (
    ActivationLike,
    ConstraintLike,
    InitializerLike,
    RegularizerLike,
    Shape,
    Tensor,
)
from custom_layers.layers._kernel import KernelLayer
from custom_layers.layers._windows import (
    image_data_format,
    join_shape,
    per_dimension,
    split_shape,
    window_padding,
    window_positions,
)

__all__ = ["Conv2D"]


class _Conv(KernelLayer):
    """Convolution over `rank` spatial dimensions."""

    rank: int

    def __init__(
        self,
        *,
        filters: int,
        kernel_size: int | tuple[int, ...],
        strides: int | tuple[int, ...],
        padding: str,
        data_format: str | None,
        dilation_rate: int | tuple[int, ...],
        groups: int,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.filters = filters
        self.kernel_size = per_dimension(kernel_size, self.rank, "kernel_size")
        self.strides = per_dimension(strides, self.rank, "strides")
        self.padding = window_padding(padding)
        self.data_format = image_data_format(data_format)
        self.dilation_rate = per_dimension(dilation_rate, self.rank, "dilation_rate")
        self.groups = groups
        self.input_spec = keras.layers.InputSpec(min_ndim=self.rank + 2)
        self._check_arguments()

    def _check_arguments(self) -> None:
        if not isinstance(self.filters, int) or self.filters <= 0:
            raise ValueError(
                "Invalid value for argument `filters`. Expected a strictly positive "
                f"value. Received filters={self.filters}."
            )
        if not isinstance(self.groups, int) or self.groups <= 0:
            raise ValueError(
                "The number of groups must be a positive integer. "
                f"Received: groups={self.groups}."
            )
        if self.filters % self.groups != 0:
            raise ValueError(
                "The number of filters must be evenly divisible by the number of "
                f"groups. Received: groups={self.groups}, filters={self.filters}."
            )
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ValueError(
                "`strides > 1` not supported in conjunction with `dilation_rate > 1`. "
                f"Received: strides={self.strides} and "
                f"dilation_rate={self.dilation_rate}. Set one of them to 1."
            )

    def build(self, input_shape: Shape) -> None:
        """Makes the weights for this number of channels."""
        _, channels = split_shape(input_shape, self.data_format)
        if channels is None or channels % self.groups != 0:
            raise ValueError(
                "The number of input channels must be known and evenly divisible by "
                f"the number of groups. Received: groups={self.groups} and an input "
                f"with {channels} channels (input_shape={input_shape})."
            )
        self.compute_output_shape(input_shape)
        self.kernel = self.add_kernel(
            (*self.kernel_size, channels // self.groups, self.filters)
        )
        self.bias = self.add_bias(self.filters)
        axis = -1 if self.data_format == "channels_last" else 1
        self.input_spec = keras.layers.InputSpec(
            min_ndim=self.rank + 2, axes={axis: channels}
        )

    def call(self, inputs: Tensor) -> Tensor:
        """Computes the feature maps."""
        outputs = ops.conv(
            inputs,
            self.kernel,
            strides=self.strides,
            padding=self.padding,
            data_format=self.data_format,
            dilation_rate=self.dilation_rate,
        )
        if self.bias is not None:
            outputs = self._add_bias_to_maps(outputs)
        return self.activate(outputs)

    def _add_bias_to_maps(self, outputs: Tensor) -> Tensor:
        if self.data_format == "channels_last":
            return ops.add(outputs, self.bias)
        # Not `ops.add`: on TensorFlow it takes such a bias for one of the last axis
        # where the maps are as wide as they are many.
        return outputs + ops.reshape(self.bias, (1, self.filters) + (1,) * self.rank)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of the feature maps."""
        if len(input_shape) != self.rank + 2:
            raise ValueError(
                f"The input must have {self.rank + 2} dimensions: batch, channels and "
                f"{self.rank} spatial ones. Received: input_shape={input_shape}"
            )
        sizes, _ = split_shape(input_shape, self.data_format)
        positions = window_positions(
            sizes, self.kernel_size, self.strides, self.padding, self.dilation_rate
        )
        return join_shape(input_shape[0], positions, self.filters, self.data_format)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "data_format": self.data_format,
            "dilation_rate": self.dilation_rate,
            "groups": self.groups,
            "activity_regularizer": regularizers.serialize(self.activity_regularizer),
        }


@keras.saving.register_keras_serializable("custom_layers")
class Conv2D(_Conv):
    """Slides learned windows over images.

    `y[i, j, f] = activation(bias[f] + sum_{u, v, c} kernel[u, v, c, f] *
    x[i * stride + u * dilation, j * stride + v * dilation, c])`

    Args:
        filters: Number of windows, the channels of the output.
        kernel_size: Height and width of the windows; one integer for both.
        strides: Steps of the windows along height and width.
        padding: `"valid"` for none, `"same"` for zeros around the image such
            that each stride gives one output.
        data_format: `"channels_last"`, `"channels_first"` or `None` for Keras'
            default.
        dilation_rate: Distance of a window's neighbouring points. Only one of
            strides and dilation can be other than 1.
        groups: Equal parts of the channels, each seen by its own equal part of
            the filters.
        activation: Function of the weighted sum, or its name.
        use_bias: Whether the layer adds a bias to each output channel.
        kernel_initializer: First value of the kernel
            `(height, width, channels / groups, filters)`.
        bias_initializer: First value of the bias `(filters,)`.
        kernel_regularizer: Penalty on the kernel.
        bias_regularizer: Penalty on the bias.
        activity_regularizer: Penalty on the output.
        kernel_constraint: Projection of the kernel after each update.
        bias_constraint: Projection of the bias after each update.

    Shapes:
        `(batch, height, width, channels)` to
        `(batch, new_height, new_width, filters)`, where a new size is
        `floor((size - dilation * (window - 1) - 1) / stride) + 1` for
        `"valid"` and `ceil(size / stride)` for `"same"`. In `channels_first`
        the channels stand after the batch.

    Example:

    >>> tuple(Conv2D(4, 3, strides=2)(ops.zeros((2, 9, 9, 1))).shape)
    (2, 4, 4, 4)

    Reference:
        LeCun et al., 1989, Backpropagation applied to handwritten zip code
        recognition.
    """

    rank = 2

    def __init__(
        self,
        filters: int,
        kernel_size: int | tuple[int, int],
        strides: int | tuple[int, int] = (1, 1),
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: int | tuple[int, int] = (1, 1),
        groups: int = 1,
        activation: ActivationLike = None,
        use_bias: bool = True,
        kernel_initializer: InitializerLike = "glorot_uniform",
        bias_initializer: InitializerLike = "zeros",
        kernel_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        activity_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            filters=filters,
            kernel_size=kernel_size,
            strides=strides,
            padding=padding,
            data_format=data_format,
            dilation_rate=dilation_rate,
            groups=groups,
            activation=activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            bias_regularizer=bias_regularizer,
            activity_regularizer=activity_regularizer,
            kernel_constraint=kernel_constraint,
            bias_constraint=bias_constraint,
            **kwargs,
        )
