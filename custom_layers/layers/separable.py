"""Depthwise separable convolution."""

from typing import Any

import keras
from keras import ops

from custom_layers import initializers, regularizers
from custom_layers._types import (
    ActivationLike,
    ConstraintLike,
    InitializerLike,
    RegularizerLike,
    Shape,
    Tensor,
)
from custom_layers.layers._convolving import check_count
from custom_layers.layers._depthwise import DepthwiseLayer

__all__ = ["SeparableConv2D", "SeparableConvolution2D"]


@keras.saving.register_keras_serializable("custom_layers")
class SeparableConv2D(DepthwiseLayer):
    r"""Depthwise convolution followed by a pointwise (1 x 1) convolution.

    .. math::

        z_{i, j, cM + m} &= \sum_{u, v} D_{u, v, c, m} \,
            x_{is + ud, \, js + vd, \, c} \\
        y_{i, j, f} &= \phi\left(b_f + \sum_{k} P_{k, f} \, z_{i, j, k}\right)

    with the depthwise kernel `D` of `M` filters for each channel, the pointwise
    kernel `P`, strides `s`, dilation rate `d` and activation `phi`.

    Args:
        filters: Number of channels of the output.
        kernel_size: Height and width of the convolution window; one integer for both.
        strides: Strides along height and width; one integer for both.
        padding: `"valid"` for no padding, `"same"` for zero padding to
            `ceil(size / stride)` outputs.
        data_format: `"channels_last"`, `"channels_first"` or `None` for Keras'
            default.
        dilation_rate: Spacing between the elements of a window.
        depth_multiplier: Number `M` of depthwise filters for each channel.
        activation: Activation function, or its name.
        use_bias: Whether the layer adds a bias to each output channel.
        depthwise_initializer: Initializer for the depthwise kernel
            `(height, width, channels, depth_multiplier)`.
        pointwise_initializer: Initializer for the pointwise kernel
            `(1, 1, channels * depth_multiplier, filters)`.
        bias_initializer: Initializer for the bias `(filters,)`.
        depthwise_regularizer: Regularizer for the depthwise kernel.
        pointwise_regularizer: Regularizer for the pointwise kernel.
        bias_regularizer: Regularizer for the bias.
        activity_regularizer: Regularizer for the output.
        depthwise_constraint: Constraint applied to the depthwise kernel after each
            update.
        pointwise_constraint: Constraint applied to the pointwise kernel after each
            update.
        bias_constraint: Constraint applied to the bias after each update.

    Shapes:
        `(batch, height, width, channels)` to
        `(batch, new_height, new_width, filters)`, with the new sizes of `Conv2D`.
        With `channels_first`, the channels follow the batch.

    Example:

    >>> layer = SeparableConv2D(5, 3)
    >>> tuple(layer(ops.zeros((2, 9, 9, 4))).shape)
    (2, 7, 7, 5)
    >>> [tuple(weight.shape) for weight in layer.weights]
    [(3, 3, 4, 1), (1, 1, 4, 5), (5,)]

    Reference:
        Chollet, 2017, Xception: deep learning with depthwise separable
        convolutions.
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
        depth_multiplier: int = 1,
        activation: ActivationLike = None,
        use_bias: bool = True,
        depthwise_initializer: InitializerLike = "glorot_uniform",
        pointwise_initializer: InitializerLike = "glorot_uniform",
        bias_initializer: InitializerLike = "zeros",
        depthwise_regularizer: RegularizerLike = None,
        pointwise_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        activity_regularizer: RegularizerLike = None,
        depthwise_constraint: ConstraintLike = None,
        pointwise_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            kernel_size=kernel_size,
            strides=strides,
            padding=padding,
            data_format=data_format,
            dilation_rate=dilation_rate,
            depth_multiplier=depth_multiplier,
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
        check_count(filters, "filters")
        self.filters = filters
        self.pointwise_initializer = initializers.get(pointwise_initializer)
        self.pointwise_regularizer = regularizers.get(pointwise_regularizer)
        self.pointwise_constraint = keras.constraints.get(pointwise_constraint)

    def build(self, input_shape: Shape) -> None:
        """Creates the weights."""
        channels = self.fix_channels(input_shape)
        self.depthwise_kernel = self.add_kernel(
            self.depthwise_shape(channels), "depthwise_kernel"
        )
        self.pointwise_kernel = self.add_weight(
            (1, 1, channels * self.depth_multiplier, self.filters),
            self.pointwise_initializer,
            name="pointwise_kernel",
            regularizer=self.pointwise_regularizer,
            constraint=self.pointwise_constraint,
        )
        self.bias = self.add_bias(self.filters)

    def call(self, inputs: Tensor) -> Tensor:
        """Computes the feature maps."""
        maps = ops.separable_conv(
            inputs,
            self.depthwise_kernel,
            self.pointwise_kernel,
            strides=self.strides,
            padding=self.padding,
            data_format=self.data_format,
            dilation_rate=self.dilation_rate,
        )
        return self.finish(maps)

    def count_maps(self, channels: int | None) -> int:
        """Returns the number of filters."""
        return self.filters

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "filters": self.filters,
            "pointwise_initializer": initializers.serialize(self.pointwise_initializer),
            "pointwise_regularizer": regularizers.serialize(self.pointwise_regularizer),
            "pointwise_constraint": keras.constraints.serialize(
                self.pointwise_constraint
            ),
        }


SeparableConvolution2D = SeparableConv2D
