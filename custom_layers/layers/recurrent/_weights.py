"""Base class of recurrent components: their weights."""

from typing import Any

import keras
from keras import ops

from custom_layers import activations, initializers, regularizers
from custom_layers._types import (
    ActivationLike,
    ConstraintLike,
    InitializerLike,
    RegularizerLike,
    Shape,
    Tensor,
)


class RecurrentWeights(keras.layers.Layer):
    """Base class of layers with kernel, recurrent kernel and bias of gates."""

    gates: int

    def __init__(
        self,
        units: int,
        *,
        activation: ActivationLike,
        use_bias: bool,
        kernel_initializer: InitializerLike,
        recurrent_initializer: InitializerLike,
        bias_initializer: InitializerLike,
        kernel_regularizer: RegularizerLike,
        recurrent_regularizer: RegularizerLike,
        bias_regularizer: RegularizerLike,
        kernel_constraint: ConstraintLike,
        recurrent_constraint: ConstraintLike,
        bias_constraint: ConstraintLike,
        **kwargs: Any,
    ) -> None:
        if units <= 0:
            raise ValueError(
                "Received an invalid value for argument `units`, expected a positive "
                f"integer. Received: units={units}"
            )
        super().__init__(**kwargs)
        self.units = units
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.recurrent_initializer = initializers.get(recurrent_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.recurrent_regularizer = regularizers.get(recurrent_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = keras.constraints.get(kernel_constraint)
        self.recurrent_constraint = keras.constraints.get(recurrent_constraint)
        self.bias_constraint = keras.constraints.get(bias_constraint)

    def add_weights(self, features: int | None) -> None:
        """Creates kernel, recurrent kernel and bias."""
        self.kernel = self.add_weight(
            (features, self.gates * self.units),
            self.kernel_initializer,
            name="kernel",
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.recurrent_kernel = self.add_weight(
            self.recurrent_shape(),
            self.recurrent_initializer,
            name="recurrent_kernel",
            regularizer=self.recurrent_regularizer,
            constraint=self.recurrent_constraint,
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                self.bias_shape(),
                self.initial_bias(),
                name="bias",
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )

    def recurrent_shape(self) -> Shape:
        """Returns the shape of the weight `recurrent_kernel`."""
        return (self.units, self.gates * self.units)

    def bias_shape(self) -> Shape:
        """Returns the shape of the weight `bias`."""
        return (self.gates * self.units,)

    def initial_bias(self) -> Any:
        """Returns the initializer of the weight `bias`."""
        return self.bias_initializer

    def tensors(self) -> tuple[Tensor, Tensor, Tensor | None]:
        """Returns kernel, recurrent kernel and bias in the dtype of the computation."""

        def tensor(weight: keras.Variable) -> Tensor:
            return ops.convert_to_tensor(weight, dtype=self.compute_dtype)

        bias = None if self.bias is None else tensor(self.bias)
        return tensor(self.kernel), tensor(self.recurrent_kernel), bias

    def arguments(self) -> dict:
        """Returns the constructor's arguments, shared with the layer."""
        regularizer = regularizers.serialize
        constraint = keras.constraints.serialize
        return {
            "units": self.units,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "recurrent_initializer": initializers.serialize(self.recurrent_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            "kernel_regularizer": regularizer(self.kernel_regularizer),
            "recurrent_regularizer": regularizer(self.recurrent_regularizer),
            "bias_regularizer": regularizer(self.bias_regularizer),
            "kernel_constraint": constraint(self.kernel_constraint),
            "recurrent_constraint": constraint(self.recurrent_constraint),
            "bias_constraint": constraint(self.bias_constraint),
        }

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | self.arguments()


class UnitForgetBias:
    """Bias initializer with ones for the forget gate, the second of four."""

    def __init__(self, initializer: Any, units: int) -> None:
        self.initializer = initializer
        self.units = units

    def __call__(self, _: Any, dtype: Any = None) -> Tensor:
        """Returns the initial bias, shape `(4 * units,)`."""
        before, after = (
            self.initializer((n * self.units,), dtype=dtype) for n in (1, 2)
        )
        return ops.concatenate([before, ops.ones((self.units,), dtype=dtype), after])
