"""Dense (fully connected) layer."""

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
from custom_layers.layers._kernel import KernelLayer

__all__ = ["Dense"]


@keras.saving.register_keras_serializable("custom_layers")
class Dense(KernelLayer):
    r"""Densely (fully) connected layer.

    .. math::

        y = \phi(x W + b)

    with kernel `W`, bias `b` and activation `phi`.

    Args:
        units: Number of units, the size of the output.
        activation: Activation function, or its name.
        use_bias: Whether the layer adds a bias.
        kernel_initializer: Initializer for the kernel `(features, units)`.
        bias_initializer: Initializer for the bias `(units,)`.
        kernel_regularizer: Regularizer for the kernel.
        bias_regularizer: Regularizer for the bias.
        activity_regularizer: Regularizer for the output.
        kernel_constraint: Constraint applied to the kernel after each update.
        bias_constraint: Constraint applied to the bias after each update.

    Shapes:
        `(batch, ..., features)` to `(batch, ..., units)`.

    Example:

    >>> tuple(Dense(3, activation="relu")(ops.zeros((2, 5))).shape)
    (2, 3)

    Reference:
        Rumelhart, Hinton and Williams, 1986, Learning representations by
        back-propagating errors.
    """

    def __init__(
        self,
        units: int,
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
        if not isinstance(units, int) or units <= 0:
            raise ValueError(
                "`units` must be a positive integer, the size of the output. "
                f"Received: units={units}"
            )
        super().__init__(
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
        self.units = units
        self.input_spec = keras.layers.InputSpec(min_ndim=2)
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        """Creates the weights."""
        features = input_shape[-1]
        self.kernel = self.add_kernel((features, self.units))
        self.bias = self.add_bias(self.units)
        self.input_spec = keras.layers.InputSpec(min_ndim=2, axes={-1: features})

    def call(self, inputs: Tensor, training: bool | None = None) -> Tensor:
        """Computes the outputs; training changes nothing."""
        outputs = ops.matmul(inputs, self.kernel)
        if self.bias is not None:
            outputs = ops.add(outputs, self.bias)
        return self.activate(outputs)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of the outputs."""
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {"units": self.units}
