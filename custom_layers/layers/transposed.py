"""Transposed convolution."""

from typing import Any

import keras
from keras import ops

from custom_layers._types import (
    ActivationLike,
    ConstraintLike,
    InitializerLike,
    RegularizerLike,
    Shape,
    Tensor,
)
from custom_layers.layers._convolving import ConvolvingLayer, check_count, check_steps
from custom_layers.layers._windows import per_dimension

__all__ = ["Conv2DTranspose", "Convolution2DTranspose"]


@keras.saving.register_keras_serializable("custom_layers")
class Conv2DTranspose(ConvolvingLayer):
    r"""Transposed convolution over images, also called deconvolution.

    .. math::

        y_{p, q, f} = \phi\left(b_f
            + \sum_{is + ud - r = p, \; js + vd - r = q} \;
            \sum_c K_{u, v, f, c} \, x_{i, j, c}\right)

    with kernel `K`, bias `b`, strides `s`, dilation rate `d`, cropping `r` and
    activation `phi`: the gradient of a convolution with respect to its input.

    Args:
        filters: Number of filters, the channels of the output.
        kernel_size: Height and width of the convolution window; one integer for both.
        strides: Upsampling factors along height and width; one integer for both.
        padding: `"valid"` for the full output, `"same"` to crop it to
            `size * stride`.
        output_padding: Additional rows and columns at the end, fewer than the
            strides; `None` for Keras' choice, see Shapes.
        data_format: `"channels_last"`, `"channels_first"` or `None` for Keras'
            default.
        dilation_rate: Spacing between the elements of a window. Only one
            of strides and dilation rate can differ from 1.
        activation: Activation function, or its name.
        use_bias: Whether the layer adds a bias to each output channel.
        kernel_initializer: Initializer for the kernel
            `(height, width, filters, channels)`.
        bias_initializer: Initializer for the bias `(filters,)`.
        kernel_regularizer: Regularizer for the kernel.
        bias_regularizer: Regularizer for the bias.
        activity_regularizer: Regularizer for the output.
        kernel_constraint: Constraint applied to the kernel after each update.
        bias_constraint: Constraint applied to the bias after each update.

    Shapes:
        `(batch, height, width, channels)` to
        `(batch, new_height, new_width, filters)`. With
        `extent = dilation * (window - 1) + 1` a new size is
        `(size - 1) * stride + max(extent, stride)` for `"valid"` and
        `size * stride` for `"same"`; with an output padding
        `(size - 1) * stride + extent + output_padding` and
        `(size - 1) * stride + extent % 2 + output_padding`. With `channels_first`,
        the channels follow the batch.

    Example:

    >>> layer = Conv2DTranspose(1, (1, 2), strides=2, kernel_initializer="ones")
    >>> y = layer(ops.reshape(ops.array([1.0, 2.0]), (1, 1, 2, 1)))
    >>> ops.convert_to_numpy(y)[0, :, :, 0].tolist()
    [[1.0, 1.0, 2.0, 2.0], [0.0, 0.0, 0.0, 0.0]]

    Reference:
        Zeiler, Krishnan, Taylor and Fergus, 2010, Deconvolutional networks.
    """

    rank = 2

    def __init__(
        self,
        filters: int,
        kernel_size: int | tuple[int, int],
        strides: int | tuple[int, int] = (1, 1),
        padding: str = "valid",
        output_padding: int | tuple[int, int] | None = None,
        data_format: str | None = None,
        dilation_rate: int | tuple[int, int] = (1, 1),
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
        check_count(filters, "filters")
        check_steps(self.strides, self.dilation_rate)
        self.filters = filters
        self.output_padding = None
        if output_padding is not None:
            self.output_padding = per_dimension(
                output_padding, self.rank, "output_padding", least=0
            )
            _check_output_padding(self.output_padding, self.strides)

    def build(self, input_shape: Shape) -> None:
        """Creates the weights."""
        channels = self.fix_channels(input_shape)
        self.kernel = self.add_kernel((*self.kernel_size, self.filters, channels))
        self.bias = self.add_bias(self.filters)

    def call(self, inputs: Tensor) -> Tensor:
        """Computes the feature maps."""
        cropped = self.padding == "same"
        maps = ops.conv_transpose(
            inputs,
            self.kernel,
            strides=self.strides,
            padding=self.padding,
            output_padding=self.output_padding if cropped else 0,
            data_format=self.data_format,
            dilation_rate=self.dilation_rate,
        )
        return self.finish(maps if cropped else self._lengthen(maps))

    def _lengthen(self, maps: Tensor) -> Tensor:
        """Pads to the output size, which ONNX' transposed convolution cannot reach."""
        reaches = self._reaches()
        more = self.output_padding or tuple(
            max(stride - reach, 0)
            for stride, reach in zip(self.strides, reaches, strict=True)
        )
        if not any(more):
            return maps
        no, ends = (0, 0), tuple((0, size) for size in more)
        if self.data_format == "channels_last":
            return ops.pad(maps, (no, *ends, no))
        return ops.pad(maps, (no, no, *ends))

    def _reaches(self) -> list[int]:
        return [
            dilation * (window - 1) + 1
            for window, dilation in zip(
                self.kernel_size, self.dilation_rate, strict=True
            )
        ]

    def count_maps(self, channels: int | None) -> int:
        """Returns the number of filters."""
        return self.filters

    def positions(self, sizes: Shape) -> Shape:
        """Returns the output size of each spatial dimension, before output padding."""
        more = self.output_padding or (None,) * self.rank
        return tuple(
            None if size is None else self._filled(size, reach, stride, end)
            for size, reach, stride, end in zip(
                sizes, self._reaches(), self.strides, more, strict=True
            )
        )

    def _filled(self, size: int, reach: int, stride: int, more: int | None) -> int:
        if more is None:
            last = stride if self.padding == "same" else max(reach, stride)
        else:
            last = more + (reach % 2 if self.padding == "same" else reach)
        return (size - 1) * stride + last

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "filters": self.filters,
            "output_padding": self.output_padding,
        }


def _check_output_padding(
    output_padding: tuple[int, ...], strides: tuple[int, ...]
) -> None:
    for axis, (more, stride) in enumerate(zip(output_padding, strides, strict=True)):
        if more >= stride:
            raise ValueError(
                "`output_padding` must be strictly less than `strides` for all "
                f"dimensions; along dimension {axis} it is {more} and the stride is "
                f"{stride}. Received: output_padding={output_padding}, "
                f"strides={strides}"
            )


Convolution2DTranspose = Conv2DTranspose
