"""Linear projections from features to heads and back."""

import math
from typing import Any

import keras
from keras import ops

from custom_layers._types import Shape, Tensor
from custom_layers.layers._kernel import KernelLayer


class Projection(KernelLayer):
    r"""Dense layer over several input and output axes.

    .. math::

        y_o = \phi\left(\sum_i x_i W_{i, o} + b_o\right)

    where `i` and `o` run over one or more axes.

    Args:
        sizes: Sizes of the output axes.
        contracted: Number of the inputs' last axes to contract.
        kernel: Arguments of kernel, bias and activation.
    """

    def __init__(
        self, sizes: tuple[int, ...], contracted: int = 1, **kernel: Any
    ) -> None:
        super().__init__(**kernel)
        self.sizes = sizes
        self.contracted = contracted
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        """Creates the weights."""
        shape = (*input_shape[-self.contracted :], *self.sizes)
        self.kernel = self.add_weight(
            shape,
            _with_fans(self.kernel_initializer, self.contracted, len(shape)),
            name="kernel",
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                self.sizes,
                copied(self.bias_initializer),
                name="bias",
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )

    def call(self, inputs: Tensor) -> Tensor:
        """Computes the outputs."""
        features = math.prod(inputs.shape[-self.contracted :])
        width = math.prod(self.sizes)
        outputs = ops.matmul(
            ops.reshape(inputs, (-1, features)),
            ops.reshape(self.kernel, (features, width)),
        )
        if self.bias is not None:
            outputs = ops.add(outputs, ops.reshape(self.bias, (width,)))
        free = ops.shape(inputs)[: -self.contracted]
        return self.activate(ops.reshape(outputs, (*free, *self.sizes)))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of the outputs."""
        return (*input_shape[: -self.contracted], *self.sizes)


def copied(initializer: Any, **config: Any) -> Any:
    """Copies an initializer: one object would initialize all kernels equally."""
    if not isinstance(initializer, keras.Initializer):
        return initializer
    return initializer.__class__.from_config(initializer.get_config() | config)


def _with_fans(initializer: Any, contracted: int, rank: int) -> Any:
    """Sets the input and output axes of a variance scaling initializer."""
    config = getattr(initializer, "get_config", dict)()
    if config.get("input_axes", ()) is not None:
        return copied(initializer)
    axes = tuple(range(rank))
    return copied(
        initializer, input_axes=axes[:contracted], output_axes=axes[contracted:]
    )
