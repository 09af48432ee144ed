"""Convolution layers."""

from typing import Any

import keras
from keras import ops

from custom_layers import fast
from custom_layers._types import (
    ActivationLike,
    ConstraintLike,
    InitializerLike,
    RegularizerLike,
    Shape,
    Tensor,
)
from custom_layers.layers._convolving import ConvolvingLayer, check_count, check_steps

__all__ = ["Conv1D", "Conv2D", "Convolution1D", "Convolution2D"]


class _Conv(ConvolvingLayer):
    """Base class of convolutions over `rank` spatial dimensions."""

    def __init__(
        self,
        filters: int,
        kernel_size: int | tuple[int, ...],
        strides: int | tuple[int, ...] = (1, 1),
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: int | tuple[int, ...] = (1, 1),
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
            kernel_size=kernel_size,
            strides=strides,
            padding=padding,
            data_format=data_format,
            dilation_rate=dilation_rate,
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
        self.filters = filters
        self.groups = groups
        check_count(filters, "filters")
        _check_groups(filters, groups)
        check_steps(self.strides, self.dilation_rate)

    def build(self, input_shape: Shape) -> None:
        """Creates the weights."""
        channels = self.fix_channels(input_shape)
        if channels % self.groups != 0:
            raise ValueError(
                "The number of input channels must be evenly divisible by the number "
                f"of groups. Received: groups={self.groups} and an input with "
                f"{channels} channels (input_shape={input_shape})."
            )
        self.kernel = self.add_kernel(
            (*self.kernel_size, channels // self.groups, self.filters)
        )
        self.bias = self.add_bias(self.filters)

    def count_maps(self, channels: int | None) -> int:
        """Returns the number of filters."""
        return self.filters

    def call(self, inputs: Tensor) -> Tensor:
        """Computes the feature maps."""
        return self.finish(self.convolution_op(inputs, self.kernel))

    def convolution_op(self, inputs: Tensor, kernel: Tensor) -> Tensor:
        """Convolves the inputs with a kernel; a subclass may change either."""
        padding = self.padding
        if padding == "causal":
            inputs, padding = self._pad_the_past(inputs), "valid"
        return _convolve(
            inputs,
            kernel,
            self.groups,
            strides=self.strides,
            padding=padding,
            data_format=self.data_format,
            dilation_rate=self.dilation_rate,
        )

    def _pad_the_past(self, inputs: Tensor) -> Tensor:
        past = (self.dilation_rate[0] * (self.kernel_size[0] - 1), 0)
        if self.data_format == "channels_last":
            return ops.pad(inputs, ((0, 0), past, (0, 0)))
        return ops.pad(inputs, ((0, 0), (0, 0), past))

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {"filters": self.filters, "groups": self.groups}


@fast.path
def _convolve(inputs: Tensor, kernel: Tensor, groups: int, **options: Any) -> Tensor:
    """Convolution; the channels of inputs and kernel imply the number of groups."""
    return ops.conv(inputs, kernel, **options)


@keras.saving.register_keras_serializable("custom_layers")
class Conv1D(_Conv):
    r"""Convolution over sequences (temporal convolution).

    .. math::

        y_{t, f} = \phi\left(b_f + \sum_{u, c} K_{u, c, f} \, x_{ts + ud, \, c}\right)

    with kernel `K`, bias `b`, strides `s`, dilation rate `d` and activation `phi`.

    Args:
        filters: Number of filters, the channels of the output.
        kernel_size: Length of the convolution window.
        strides: Stride of the convolution.
        padding: `"valid"` for no padding, `"same"` for zero padding to
            `ceil(size / stride)` outputs, `"causal"` for as much padding, all of it
            before the sequence, so that no output depends on a later input.
        data_format: `"channels_last"`, `"channels_first"` or `None` for Keras'
            default.
        dilation_rate: Spacing between the elements of a window. Only one
            of strides and dilation rate can differ from 1.
        groups: Number of groups into which channels and filters are split; each
            group of filters sees its own group of channels.
        activation: Activation function, or its name.
        use_bias: Whether the layer adds a bias to each output channel.
        kernel_initializer: Initializer for the kernel
            `(length, channels / groups, filters)`.
        bias_initializer: Initializer for the bias `(filters,)`.
        kernel_regularizer: Regularizer for the kernel.
        bias_regularizer: Regularizer for the bias.
        activity_regularizer: Regularizer for the output.
        kernel_constraint: Constraint applied to the kernel after each update.
        bias_constraint: Constraint applied to the bias after each update.

    Shapes:
        `(batch, time, channels)` to `(batch, new_time, filters)`, where the new
        time is `floor((time - dilation * (window - 1) - 1) / stride) + 1` for
        `"valid"` and `ceil(time / stride)` else. With `channels_first`,
        the channels follow the batch.

    Example:

    >>> layer = Conv1D(1, 2, padding="causal", kernel_initializer="ones")
    >>> y = layer(ops.reshape(ops.arange(4.0), (1, 4, 1)))
    >>> ops.convert_to_numpy(y).ravel().tolist()
    [0.0, 1.0, 3.0, 5.0]

    Reference:
        Waibel et al., 1989, Phoneme recognition using time-delay neural networks;
        van den Oord et al., 2016, WaveNet (causal padding).
    """

    rank = 1

    def __init__(
        self,
        filters: int,
        kernel_size: int | tuple[int],
        strides: int | tuple[int] = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: int | tuple[int] = 1,
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


@keras.saving.register_keras_serializable("custom_layers")
class Conv2D(_Conv):
    r"""Convolution over images.

    .. math::

        y_{i, j, f} = \phi\left(b_f
            + \sum_{u, v, c} K_{u, v, c, f} \, x_{is + ud, \, js + vd, \, c}\right)

    with kernel `K`, bias `b`, strides `s`, dilation rate `d` and activation `phi`.

    Args:
        filters: Number of filters, the channels of the output.
        kernel_size: Height and width of the convolution window; one integer for both.
        strides: Strides along height and width; one integer for both.
        padding: `"valid"` for no padding, `"same"` for zero padding to
            `ceil(size / stride)` outputs.
        data_format: `"channels_last"`, `"channels_first"` or `None` for Keras'
            default.
        dilation_rate: Spacing between the elements of a window. Only one
            of strides and dilation rate can differ from 1.
        groups: Number of groups into which channels and filters are split; each
            group of filters sees its own group of channels.
        activation: Activation function, or its name.
        use_bias: Whether the layer adds a bias to each output channel.
        kernel_initializer: Initializer for the kernel
            `(height, width, channels / groups, filters)`.
        bias_initializer: Initializer for the bias `(filters,)`.
        kernel_regularizer: Regularizer for the kernel.
        bias_regularizer: Regularizer for the bias.
        activity_regularizer: Regularizer for the output.
        kernel_constraint: Constraint applied to the kernel after each update.
        bias_constraint: Constraint applied to the bias after each update.

    Shapes:
        `(batch, height, width, channels)` to
        `(batch, new_height, new_width, filters)`, where a new size is
        `floor((size - dilation * (window - 1) - 1) / stride) + 1` for
        `"valid"` and `ceil(size / stride)` for `"same"`. With `channels_first`,
        the channels follow the batch.

    Example:

    >>> tuple(Conv2D(4, 3, strides=2)(ops.zeros((2, 9, 9, 1))).shape)
    (2, 4, 4, 4)

    Reference:
        LeCun et al., 1989, Backpropagation applied to handwritten zip code
        recognition.
    """

    rank = 2


def _check_groups(filters: int, groups: int) -> None:
    if not isinstance(groups, int) or groups <= 0:
        raise ValueError(
            "The number of groups must be a positive integer. "
            f"Received: groups={groups}."
        )
    if filters % groups != 0:
        raise ValueError(
            "The number of filters must be evenly divisible by the number of "
            f"groups. Received: groups={groups}, filters={filters}."
        )


Convolution1D = Conv1D
Convolution2D = Conv2D
