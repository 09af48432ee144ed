"""Depthwise convolution."""

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
from custom_layers.layers._depthwise import DepthwiseLayer

__all__ = ["DepthwiseConv2D"]


@keras.saving.register_keras_serializable("custom_layers")
class DepthwiseConv2D(DepthwiseLayer):
    r"""Convolves each channel of images with its own filters.

    .. math::

        y_{i, j, cM + m} = \phi\left(b_{cM + m}
            + \sum_{u, v} K_{u, v, c, m} \, x_{is + ud, \, js + vd, \, c}\right)

    with kernel `K` of `M` filters for each channel, bias `b`, strides `s`, dilation
    rate `d` and activation `phi`.

    Args:
        kernel_size: Height and width of the convolution window; one integer for both.
        strides: Strides along height and width; one integer for both.
        padding: `"valid"` for no padding, `"same"` for zero padding to
            `ceil(size / stride)` outputs.
        depth_multiplier: Number `M` of filters for each channel.
        data_format: `"channels_last"`, `"channels_first"` or `None` for Keras'
            default.
        dilation_rate: Spacing between the elements of a window.
        activation: Activation function, or its name.
        use_bias: Whether the layer adds a bias to each output channel.
        depthwise_initializer: Initializer for the kernel
            `(height, width, channels, depth_multiplier)`.
        bias_initializer: Initializer for the bias.
        depthwise_regularizer: Regularizer for the kernel.
        bias_regularizer: Regularizer for the bias.
        activity_regularizer: Regularizer for the output.
        depthwise_constraint: Constraint applied to the kernel after each update.
        bias_constraint: Constraint applied to the bias after each update.

    Shapes:
        `(batch, height, width, channels)` to
        `(batch, new_height, new_width, channels * depth_multiplier)`, with the
        new sizes of `Conv2D`. With `channels_first`, the channels follow the
        batch.

    Example:

    >>> layer = DepthwiseConv2D(3, depth_multiplier=2)
    >>> tuple(layer(ops.zeros((2, 9, 9, 4))).shape), tuple(layer.kernel.shape)
    ((2, 7, 7, 8), (3, 3, 4, 2))

    Reference:
        Sifre, 2014, Rigid-motion scattering for image classification.
    """

    rank = 2

    def __init__(
        self,
        kernel_size: int | tuple[int, int],
        strides: int | tuple[int, int] = (1, 1),
        padding: str = "valid",
        depth_multiplier: int = 1,
        data_format: str | None = None,
        dilation_rate: int | tuple[int, int] = (1, 1),
        activation: ActivationLike = None,
        use_bias: bool = True,
        depthwise_initializer: InitializerLike = "glorot_uniform",
        bias_initializer: InitializerLike = "zeros",
        depthwise_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        activity_regularizer: RegularizerLike = None,
        depthwise_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            kernel_size=kernel_size,
            strides=strides,
            padding=padding,
            depth_multiplier=depth_multiplier,
            data_format=data_format,
            dilation_rate=dilation_rate,
            activation=activation,
            use_bias=use_bias,
            depthwise_initializer=depthwise_initializer,
            bias_initializer=bias_initializer,
            depthwise_regularizer=depthwise_regularizer,
            bias_regularizer=bias_regularizer,
            activity_regularizer=activity_regularizer,
            depthwise_constraint=depthwise_constraint,
            bias_constraint=bias_constraint,
            **kwargs,
        )

    def build(self, input_shape: Shape) -> None:
        """Creates the weights."""
        channels = self.fix_channels(input_shape)
        self.kernel = self.add_kernel(self.depthwise_shape(channels))
        self.bias = self.add_bias(channels * self.depth_multiplier)

    def call(self, inputs: Tensor) -> Tensor:
        """Computes the feature maps."""
        maps = ops.depthwise_conv(
            inputs,
            self.kernel,
            strides=self.strides,
            padding=self.padding,
            data_format=self.data_format,
            dilation_rate=self.dilation_rate,
        )
        return self.finish(maps)

    def count_maps(self, channels: int | None) -> int | None:
        """Returns the number of output channels."""
        return None if channels is None else channels * self.depth_multiplier
