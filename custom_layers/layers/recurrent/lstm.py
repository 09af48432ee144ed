"""Long short-term memory."""

from typing import Any

import keras
from keras import ops

from custom_layers import activations
from custom_layers._types import (
    ActivationLike,
    ConstraintLike,
    InitializerLike,
    RegularizerLike,
    Seed,
    Tensor,
)
from custom_layers.layers.recurrent._cell import RecurrentCell
from custom_layers.layers.recurrent._layer import (
    CellLayer,
    checked_use_cudnn,
    of_cell,
)
from custom_layers.layers.recurrent._steps import Step, one_step, project
from custom_layers.layers.recurrent._weights import UnitForgetBias

__all__ = ["LSTM", "LSTMCell"]


@keras.saving.register_keras_serializable("custom_layers")
class LSTMCell(RecurrentCell):
    r"""One step of a long short-term memory.

    .. math::

        i_t &= \sigma(x_t W_i + h_{t-1} R_i + b_i) \\
        f_t &= \sigma(x_t W_f + h_{t-1} R_f + b_f) \\
        g_t &= \phi(x_t W_g + h_{t-1} R_g + b_g) \\
        o_t &= \sigma(x_t W_o + h_{t-1} R_o + b_o) \\
        c_t &= f_t \odot c_{t-1} + i_t \odot g_t \\
        h_t &= o_t \odot \phi(c_t)

    with `kernel = [W_i, W_f, W_g, W_o]`, and recurrent kernel and bias alike.

    Args:
        units: Number of units, the size of the output.
        activation: Activation `phi` of candidate and output, or its name.
        recurrent_activation: Activation `sigma` of the three gates, or its name.
        use_bias: Whether the cell adds a bias.
        kernel_initializer: Initializer for the kernel `(features, 4 * units)`.
        recurrent_initializer: Initializer for the recurrent kernel
            `(units, 4 * units)`.
        bias_initializer: Initializer for the bias `(4 * units,)`.
        unit_forget_bias: Whether to initialize the forget gate's bias with ones.
        kernel_regularizer: Regularizer for the kernel.
        recurrent_regularizer: Regularizer for the recurrent kernel.
        bias_regularizer: Regularizer for the bias.
        kernel_constraint: Constraint applied to the kernel after each update.
        recurrent_constraint: Constraint applied to the recurrent kernel after each
            update.
        bias_constraint: Constraint applied to the bias after each update.
        dropout: Fraction of the input units to drop in training.
        recurrent_dropout: Fraction of the units of the state to drop in training.
        seed: Integer seed of the random generator.

    Shapes:
        `(batch, features)` and the states `[h, c]`, each `(batch, units)`, to
        output and states of that shape.

    Example:

    >>> state = ops.zeros((2, 3))
    >>> y, [h, c] = LSTMCell(3)(ops.zeros((2, 5)), [state, state])
    >>> tuple(c.shape)
    (2, 3)

    Reference:
        Hochreiter and Schmidhuber, 1997, Long short-term memory; Gers,
        Schmidhuber and Cummins, 2000, Learning to forget.
    """

    gates = 4

    def __init__(
        self,
        units: int,
        activation: ActivationLike = "tanh",
        recurrent_activation: ActivationLike = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: InitializerLike = "glorot_uniform",
        recurrent_initializer: InitializerLike = "orthogonal",
        bias_initializer: InitializerLike = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer: RegularizerLike = None,
        recurrent_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None,
        recurrent_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: Seed = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            units,
            activation=activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint,
            bias_constraint=bias_constraint,
            dropout=dropout,
            recurrent_dropout=recurrent_dropout,
            seed=seed,
            **kwargs,
        )
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.recurrent_activation = activations.get(recurrent_activation)
        self.unit_forget_bias = unit_forget_bias
        self.state_size = [units, units]

    def call(
        self, inputs: Tensor, states: Any, training: bool = False
    ) -> tuple[Tensor, Any]:
        """Computes the output and the states `[h, c]`."""
        return one_step(self, inputs, states, training)

    def step(self, inputs: Tensor, states: list, training: bool | None) -> Step:
        """Returns the step, whose inputs can be projected for all steps at once."""
        kernel, recurrent_kernel, bias = self.tensors()
        drop, recurrent_drop = self.masks(inputs, states, training)

        def recur(x: Tensor, states: list) -> tuple[Tensor, list]:
            h, c = states
            # Converters recognise an LSTM by this order.
            z = ops.add(x, project(h, recurrent_kernel, recurrent_drop))
            z = z if bias is None else ops.add(z, bias)
            i, f, g, o = ops.split(z, 4, axis=1)
            kept = ops.multiply(self.recurrent_activation(f), c)
            new = ops.multiply(self.recurrent_activation(i), self.activation(g))
            c = ops.add(kept, new)
            h = ops.multiply(self.recurrent_activation(o), self.activation(c))
            return h, [h, c]

        return Step(lambda inputs: project(inputs, kernel, drop), recur)

    def initial_bias(self) -> Any:
        """Returns the initializer of the weight `bias`."""
        if self.unit_forget_bias:
            return UnitForgetBias(self.bias_initializer, self.units)
        return self.bias_initializer

    def arguments(self) -> dict:
        """Returns the constructor's arguments, shared with the layer."""
        return super().arguments() | {
            "recurrent_activation": activations.serialize(self.recurrent_activation),
            "unit_forget_bias": self.unit_forget_bias,
        }


@keras.saving.register_keras_serializable("custom_layers")
class LSTM(CellLayer):
    r"""Long short-term memory over a sequence.

    .. math::

        i_t &= \sigma(x_t W_i + h_{t-1} R_i + b_i) \\
        f_t &= \sigma(x_t W_f + h_{t-1} R_f + b_f) \\
        g_t &= \phi(x_t W_g + h_{t-1} R_g + b_g) \\
        o_t &= \sigma(x_t W_o + h_{t-1} R_o + b_o) \\
        c_t &= f_t \odot c_{t-1} + i_t \odot g_t \\
        h_t &= o_t \odot \phi(c_t)

    Args:
        units: Number of units, the size of the output.
        activation: Activation `phi` of candidate and output, or its name.
        recurrent_activation: Activation `sigma` of the three gates, or its name.
        use_bias: Whether the layer adds a bias.
        kernel_initializer: Initializer for the kernel `(features, 4 * units)`.
        recurrent_initializer: Initializer for the recurrent kernel
            `(units, 4 * units)`.
        bias_initializer: Initializer for the bias `(4 * units,)`.
        unit_forget_bias: Whether to initialize the forget gate's bias with ones.
        kernel_regularizer: Regularizer for the kernel.
        recurrent_regularizer: Regularizer for the recurrent kernel.
        bias_regularizer: Regularizer for the bias.
        activity_regularizer: Regularizer for the output.
        kernel_constraint: Constraint applied to the kernel after each update.
        recurrent_constraint: Constraint applied to the recurrent kernel after each
            update.
        bias_constraint: Constraint applied to the bias after each update.
        dropout: Fraction of the input units to drop in training, the same ones at
            each step.
        recurrent_dropout: Fraction of the units of the state to drop in training.
        seed: Integer seed of the random generator.
        return_sequences: Whether to return the outputs of all steps.
        return_state: Whether to return the last states, `h` and `c`, too.
        go_backwards: Whether to process the sequence in reverse.
        stateful: Whether the last states of a batch are the initial ones of the next.
        unroll: Whether to unroll the loop over the steps.
        use_cudnn: As in Keras, but no value asks for cuDNN here.

    Shapes:
        `(batch, time, features)` to `(batch, units)`, to `(batch, time, units)`
        with `return_sequences`; with `return_state`, both states follow.

    Example:

    >>> y, h, c = LSTM(3, return_state=True)(ops.zeros((2, 5, 4)))
    >>> tuple(y.shape), tuple(c.shape)
    ((2, 3), (2, 3))

    Reference:
        Hochreiter and Schmidhuber, 1997, Long short-term memory; Gers,
        Schmidhuber and Cummins, 2000, Learning to forget.
    """

    def __init__(
        self,
        units: int,
        activation: ActivationLike = "tanh",
        recurrent_activation: ActivationLike = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: InitializerLike = "glorot_uniform",
        recurrent_initializer: InitializerLike = "orthogonal",
        bias_initializer: InitializerLike = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer: RegularizerLike = None,
        recurrent_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        activity_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None,
        recurrent_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: Seed = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        use_cudnn: str | bool = "auto",
        **kwargs: Any,
    ) -> None:
        cell = LSTMCell(
            units,
            activation=activation,
            recurrent_activation=recurrent_activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer,
            unit_forget_bias=unit_forget_bias,
            kernel_regularizer=kernel_regularizer,
            recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint,
            bias_constraint=bias_constraint,
            dropout=dropout,
            recurrent_dropout=recurrent_dropout,
            seed=seed,
            dtype=kwargs.get("dtype"),
            trainable=kwargs.get("trainable", True),
            name="lstm_cell",
            implementation=kwargs.pop("implementation", 2),
        )
        super().__init__(
            cell,
            return_sequences=return_sequences,
            return_state=return_state,
            go_backwards=go_backwards,
            stateful=stateful,
            unroll=unroll,
            activity_regularizer=activity_regularizer,
            **kwargs,
        )
        self.input_spec = keras.layers.InputSpec(ndim=3)
        self.use_cudnn = checked_use_cudnn(use_cudnn)

    recurrent_activation = of_cell("recurrent_activation")
    unit_forget_bias = of_cell("unit_forget_bias")
