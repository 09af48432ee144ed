"""Maxout."""

from typing import Any

import keras
from keras import ops

from custom_layers._types import (
    ConstraintLike,
    InitializerLike,
    RegularizerLike,
    Shape,
    Tensor,
)
from custom_layers.layers._kernel import KernelLayer

__all__ = ["Maxout"]


@keras.saving.register_keras_serializable("custom_layers")
class Maxout(KernelLayer):
    r"""Maximum of several linear pieces: a learned convex activation.

    .. math::

        y_i = \max_{0 \le j < \mathrm{pieces}} (x W + b)_{j \cdot \mathrm{units} + i}

    with kernel `W` and bias `b`.

    Args:
        units: Number of units, the size of the output.
        pieces: Number of linear pieces of each unit.
        use_bias: Whether the layer adds a bias.
        kernel_initializer: Initializer for the kernel `(features, pieces * units)`.
        bias_initializer: Initializer for the bias `(pieces * units,)`.
        kernel_regularizer: Regularizer for the kernel.
        bias_regularizer: Regularizer for the bias.
        activity_regularizer: Regularizer for the output.
        kernel_constraint: Constraint applied to the kernel after each update.
        bias_constraint: Constraint applied to the bias after each update.

    Shapes:
        `(batch, ..., features)` to `(batch, ..., units)`.

    Example:

    >>> tuple(Maxout(3, pieces=4)(ops.zeros((2, 5))).shape)
    (2, 3)

    Reference:
        Goodfellow, Warde-Farley, Mirza, Courville and Bengio, 2013, Maxout
        networks.
    """

    def __init__(
        self,
        units: int,
        pieces: int = 2,
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
        for name, value in (("units", units), ("pieces", pieces)):
            if not isinstance(value, int) or value <= 0:
                raise ValueError(
                    f"`{name}` must be a positive integer. Received: {name}={value}"
                )
        super().__init__(
            activation=None,
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
        self.pieces = pieces
        self.input_spec = keras.layers.InputSpec(min_ndim=2)
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        """Creates the weights."""
        features = input_shape[-1]
        self.kernel = self.add_kernel((features, self.pieces * self.units))
        self.bias = self.add_bias(self.pieces * self.units)
        self.input_spec = keras.layers.InputSpec(min_ndim=2, axes={-1: features})

    def call(self, inputs: Tensor) -> Tensor:
        """Computes the outputs."""
        sums = ops.matmul(inputs, self.kernel)
        if self.bias is not None:
            sums = ops.add(sums, self.bias)
        sizes = ops.shape(sums)[:-1]
        return ops.max(ops.reshape(sums, (*sizes, self.pieces, self.units)), axis=-2)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of the outputs."""
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        config = super().get_config() | {"units": self.units, "pieces": self.pieces}
        # The maximum is the activation.
        del config["activation"]
        return config
