"""Simple (Elman) recurrent network."""

from typing import Any

import keras
from keras import ops

from custom_layers._types import (
    ActivationLike,
    ConstraintLike,
    InitializerLike,
    RegularizerLike,
    Seed,
    Tensor,
)
from custom_layers.layers.recurrent._cell import RecurrentCell
from custom_layers.layers.recurrent._layer import CellLayer
from custom_layers.layers.recurrent._steps import Step, one_step, project

__all__ = ["SimpleRNN", "SimpleRNNCell"]


@keras.saving.register_keras_serializable("custom_layers")
class SimpleRNNCell(RecurrentCell):
    r"""One step of a simple (Elman) recurrent network.

    .. math::

        h_t = \phi(x_t W + h_{t-1} R + b)

    with kernel `W`, recurrent kernel `R`, bias `b` and activation `phi`.

    Args:
        units: Number of units, the size of the output.
        activation: Activation function, or its name.
        use_bias: Whether the cell adds a bias.
        kernel_initializer: Initializer for the kernel `(features, units)`.
        recurrent_initializer: Initializer for the recurrent kernel `(units, units)`.
        bias_initializer: Initializer for the bias `(units,)`.
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
        `(batch, features)` and the state `(batch, units)` to output and state, both
        `(batch, units)`.

    Example:

    >>> y, h = SimpleRNNCell(3)(ops.zeros((2, 5)), ops.zeros((2, 3)))
    >>> tuple(y.shape)
    (2, 3)

    Reference:
        Elman, 1990, Finding structure in time.
    """

    gates = 1

    def __init__(
        self,
        units: int,
        activation: ActivationLike = "tanh",
        use_bias: bool = True,
        kernel_initializer: InitializerLike = "glorot_uniform",
        recurrent_initializer: InitializerLike = "orthogonal",
        bias_initializer: InitializerLike = "zeros",
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
        # Keras' cell, too, draws this seed before those of its initializers.
        seed_generator = keras.random.SeedGenerator(seed)
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
        self.seed_generator = seed_generator

    def call(
        self, sequence: Tensor, states: Any, training: bool = False
    ) -> tuple[Tensor, Any]:
        """Computes the output, which is the state."""
        return one_step(self, sequence, states, training)

    def step(self, inputs: Tensor, states: list, training: bool | None) -> Step:
        """Returns the step, whose inputs can be projected for all steps at once."""
        kernel, recurrent_kernel, bias = self.tensors()
        drop, recurrent_drop = self.masks(inputs, states, training)

        def from_inputs(inputs: Tensor) -> Tensor:
            x = project(inputs, kernel, drop)
            return x if bias is None else ops.add(x, bias)

        def recur(x: Tensor, states: list) -> tuple[Tensor, list]:
            # Not `ops.add`: on TensorFlow it takes what has no rows for a bias.
            h = x + project(states[0], recurrent_kernel, recurrent_drop)
            h = self.activation(h)
            return h, [h]

        return Step(from_inputs, recur)

    def masks(
        self, inputs: Tensor, states: list, training: bool | None
    ) -> tuple[Any, Any]:
        """Returns the dropout masks; a rate of 1, ignored by GRU and LSTM, applies."""
        if not training:
            return None, None
        return self.get_dropout_mask(inputs), self.get_recurrent_dropout_mask(states[0])


@keras.saving.register_keras_serializable("custom_layers")
class SimpleRNN(CellLayer):
    r"""Simple (Elman) recurrent network over a sequence.

    .. math::

        h_t = \phi(x_t W + h_{t-1} R + b)

    with kernel `W`, recurrent kernel `R`, bias `b` and activation `phi`.

    Args:
        units: Number of units, the size of the output.
        activation: Activation function, or its name.
        use_bias: Whether the layer adds a bias.
        kernel_initializer: Initializer for the kernel `(features, units)`.
        recurrent_initializer: Initializer for the recurrent kernel `(units, units)`.
        bias_initializer: Initializer for the bias `(units,)`.
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
        return_sequences: Whether to return the outputs of all steps.
        return_state: Whether to return the last state, too.
        go_backwards: Whether to process the sequence in reverse.
        stateful: Whether the last state of a batch is the initial state of the next.
        unroll: Whether to unroll the loop over the steps.
        seed: Integer seed of the random generator.

    Shapes:
        `(batch, time, features)` to `(batch, units)`, to `(batch, time, units)`
        with `return_sequences`; with `return_state`, the state follows.

    Example:

    >>> tuple(SimpleRNN(3, return_sequences=True)(ops.zeros((2, 5, 4))).shape)
    (2, 5, 3)

    Reference:
        Elman, 1990, Finding structure in time.
    """

    def __init__(
        self,
        units: int,
        activation: ActivationLike = "tanh",
        use_bias: bool = True,
        kernel_initializer: InitializerLike = "glorot_uniform",
        recurrent_initializer: InitializerLike = "orthogonal",
        bias_initializer: InitializerLike = "zeros",
        kernel_regularizer: RegularizerLike = None,
        recurrent_regularizer: RegularizerLike = None,
        bias_regularizer: RegularizerLike = None,
        activity_regularizer: RegularizerLike = None,
        kernel_constraint: ConstraintLike = None,
        recurrent_constraint: ConstraintLike = None,
        bias_constraint: ConstraintLike = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        seed: Seed = None,
        **kwargs: Any,
    ) -> None:
        cell = SimpleRNNCell(
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
            dtype=kwargs.get("dtype"),
            trainable=kwargs.get("trainable", True),
            name="simple_rnn_cell",
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
        self.input_spec = [keras.layers.InputSpec(ndim=3)]

    def get_config(self) -> dict:
        """Returns the constructor's arguments; as in Keras without the seed."""
        config = super().get_config()
        del config["seed"]
        return config
