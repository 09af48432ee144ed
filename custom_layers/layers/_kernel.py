"""Base class of layers with a kernel, a bias and an activation."""

from typing import Any

import keras

from custom_layers import activations, initializers, regularizers
from custom_layers._types import (
    ActivationLike,
    ConstraintLike,
    InitializerLike,
    RegularizerLike,
    Shape,
    Tensor,
)
from custom_layers.layers._unsupported import without_unsupported


class KernelLayer(keras.layers.Layer):
    """Base class of layers with a kernel, a bias and an activation."""

    def __init__(
        self,
        *,
        activation: ActivationLike,
        use_bias: bool,
        kernel_initializer: InitializerLike,
        bias_initializer: InitializerLike,
        kernel_regularizer: RegularizerLike,
        bias_regularizer: RegularizerLike,
        activity_regularizer: RegularizerLike,
        kernel_constraint: ConstraintLike,
        bias_constraint: ConstraintLike,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            activity_regularizer=regularizers.get(activity_regularizer), **kwargs
        )
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = keras.constraints.get(kernel_constraint)
        self.bias_constraint = keras.constraints.get(bias_constraint)

    def add_kernel(self, shape: Shape, name: str = "kernel") -> keras.Variable:
        """Creates the kernel, with its initializer, regularizer and constraint."""
        return self.add_weight(
            shape,
            self.kernel_initializer,
            name=name,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )

    def add_bias(self, size: int) -> keras.Variable | None:
        """Creates the trainable weight `bias`, if the layer has one."""
        if not self.use_bias:
            return None
        return self.add_weight(
            (size,),
            self.bias_initializer,
            name="bias",
            regularizer=self.bias_regularizer,
            constraint=self.bias_constraint,
        )

    def activate(self, outputs: Tensor) -> Tensor:
        """Applies the activation, which a user may have set to `None`."""
        return outputs if self.activation is None else self.activation(outputs)

    def get_config(self) -> dict:
        """Returns the shared arguments of the constructor."""
        regularizer = regularizers.serialize
        constraint = keras.constraints.serialize
        return super().get_config() | {
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            "kernel_regularizer": regularizer(self.kernel_regularizer),
            "bias_regularizer": regularizer(self.bias_regularizer),
            "kernel_constraint": constraint(self.kernel_constraint),
            "bias_constraint": constraint(self.bias_constraint),
        }

    @classmethod
    def from_config(cls, config: dict) -> Any:
        """Creates a layer from its configuration, ours or that of the namesake."""
        return super().from_config(without_unsupported(cls.__name__, config))
