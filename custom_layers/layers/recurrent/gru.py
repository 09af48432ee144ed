"""Gated recurrent unit."""

from collections.abc import Callable
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
    Shape,
    Tensor,
)
from custom_layers.layers.recurrent._cell import RecurrentCell
from custom_layers.layers.recurrent._layer import (
    CellLayer,
    checked_use_cudnn,
    of_cell,
)
from custom_layers.layers.recurrent._steps import Step, one_step, project

__all__ = ["GRU", "GRUCell"]


@keras.saving.register_keras_serializable("custom_layers")
class GRUCell(RecurrentCell):
    r"""One step of a gated recurrent unit.

    .. math::

        z_t &= \sigma(x_t W_z + h_{t-1} R_z + b_z) \\
        r_t &= \sigma(x_t W_r + h_{t-1} R_r + b_r) \\
        n_t &= \phi(x_t W_n + b_n + r_t \odot (h_{t-1} R_n + d_n)) \\
        h_t &= z_t \odot h_{t-1} + (1 - z_t) \odot n_t

    with `kernel = [W_z, W_r, W_n]` and `recurrent_kernel = [R_z, R_r, R_n]`. With
    `reset_after`, the recurrent products have a second bias `d`, the second row of
    `bias`; without, the candidate takes `(r * h) @ R_n` and there is no `d`.

    Args:
        units: Number of units, the size of the output.
        activation: Activation `phi` of the candidate, or its name.
        recurrent_activation: Activation `sigma` of the two gates, or its name.
        use_bias: Whether the cell adds a bias.
        kernel_initializer: Initializer for the kernel `(features, 3 * units)`.
        recurrent_initializer: Initializer for the recurrent kernel
            `(units, 3 * units)`.
        bias_initializer: Initializer for the bias, `(2, 3 * units)` with
            `reset_after`, `(3 * units,)` without.
        kernel_regularizer: Regularizer for the kernel.
        recurrent_regularizer: Regularizer for the recurrent kernel.
        bias_regularizer: Regularizer for the bias.
        kernel_constraint: Constraint applied to the kernel after each update.
        recurrent_constraint: Constraint applied to the recurrent kernel after each
            update.
        bias_constraint: Constraint applied to the bias after each update.
        dropout: Fraction of the input units to drop in training.
        recurrent_dropout: Fraction of the units of the state to drop in training.
        reset_after: Whether the reset gate applies after the matrix product.
        seed: Integer seed of the random generator.

    Shapes:
        `(batch, features)` and the state `(batch, units)` to output and state, both
        `(batch, units)`.

    Example:

    >>> y, h = GRUCell(3)(ops.zeros((2, 5)), ops.zeros((2, 3)))
    >>> tuple(y.shape)
    (2, 3)

    Reference:
        Cho et al., 2014, Learning phrase representations using RNN encoder-decoder
        for statistical machine translation.
    """

    gates = 3

    def __init__(
        self,
        units: int,
        activation: ActivationLike = "tanh",
        recurrent_activation: ActivationLike = "sigmoid",
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
        reset_after: bool = True,
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
        self.reset_after = reset_after

    def call(
        self, inputs: Tensor, states: Any, training: bool = False
    ) -> tuple[Tensor, Any]:
        """Computes the output, which is the state."""
        return one_step(self, inputs, states, training)

    def step(self, inputs: Tensor, states: list, training: bool | None) -> Step:
        """Returns the step, whose inputs can be projected for all steps at once."""
        kernel, recurrent_kernel, bias = self.tensors()
        bias, recurrent_bias = self.two_biases(bias)
        drop, recurrent_drop = self.masks(inputs, states, training)
        candidate = (
            self._candidate_after(recurrent_kernel, recurrent_bias, recurrent_drop)
            if self.reset_after
            else self._candidate_before(recurrent_kernel, recurrent_drop)
        )

        def from_inputs(inputs: Tensor) -> Tensor:
            x = project(inputs, kernel, drop)
            return x if bias is None else ops.add(x, bias)

        def recur(x: Tensor, states: list) -> tuple[Tensor, list]:
            h = states[0]
            z, n = candidate(ops.split(x, 3, axis=-1), h)
            # Not `ops.add`: on TensorFlow it takes what has no rows for a bias.
            h = ops.multiply(z, h) + ops.multiply(ops.subtract(1, z), n)
            return h, [h]

        return Step(from_inputs, recur)

    def _candidate_after(self, kernel: Tensor, bias: Any, drop: Any) -> Callable:
        """Update gate and candidate, with reset after the matrix product."""

        def candidate(x: list, h: Tensor) -> tuple[Tensor, Tensor]:
            inner = project(h, kernel, drop)
            inner = inner if bias is None else ops.add(inner, bias)
            inner = ops.split(inner, 3, axis=-1)
            z = self.recurrent_activation(x[0] + inner[0])
            r = self.recurrent_activation(x[1] + inner[1])
            return z, self.activation(x[2] + ops.multiply(r, inner[2]))

        return candidate

    def _candidate_before(self, kernel: Tensor, drop: Any) -> Callable:
        """Update gate and candidate, with reset before the matrix product."""
        gates = ops.split(kernel, [2 * self.units], axis=1)
        masks = (None, None) if drop is None else (drop[:2], drop[2:])

        def candidate(x: list, h: Tensor) -> tuple[Tensor, Tensor]:
            inner = ops.split(project(h, gates[0], masks[0]), 2, axis=-1)
            z = self.recurrent_activation(x[0] + inner[0])
            r = self.recurrent_activation(x[1] + inner[1])
            inner = project(ops.multiply(r, h), gates[1], masks[1])
            return z, self.activation(x[2] + inner)

        return candidate

    def bias_shape(self) -> Shape:
        """Returns the shape of the weight `bias`: two rows with `reset_after`."""
        return (2, 3 * self.units) if self.reset_after else (3 * self.units,)

    def two_biases(self, bias: Tensor | None) -> tuple[Tensor | None, Tensor | None]:
        """Returns the biases of the inputs and of the state."""
        if bias is None or not self.reset_after:
            return bias, None
        return bias[0], bias[1]

    def arguments(self) -> dict:
        """Returns the constructor's arguments, shared with the layer."""
        return super().arguments() | {
            "recurrent_activation": activations.serialize(self.recurrent_activation),
            "reset_after": self.reset_after,
        }


@keras.saving.register_keras_serializable("custom_layers")
class GRU(CellLayer):
    r"""Gated recurrent unit over a sequence.

    .. math::

        z_t &= \sigma(x_t W_z + h_{t-1} R_z + b_z) \\
        r_t &= \sigma(x_t W_r + h_{t-1} R_r + b_r) \\
        n_t &= \phi(x_t W_n + b_n + r_t \odot (h_{t-1} R_n + d_n)) \\
        h_t &= z_t \odot h_{t-1} + (1 - z_t) \odot n_t

    Without `reset_after`, the candidate takes `(r * h) @ R_n` and there is no
    second bias `d`.

    Args:
        units: Number of units, the size of the output.
        activation: Activation `phi` of the candidate, or its name.
        recurrent_activation: Activation `sigma` of the two gates, or its name.
        use_bias: Whether the layer adds a bias.
        kernel_initializer: Initializer for the kernel `(features, 3 * units)`.
        recurrent_initializer: Initializer for the recurrent kernel
            `(units, 3 * units)`.
        bias_initializer: Initializer for the bias, `(2, 3 * units)` with
            `reset_after`, `(3 * units,)` without.
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
        return_state: Whether to return the last state, too.
        go_backwards: Whether to process the sequence in reverse.
        stateful: Whether the last state of a batch is the initial state of the next.
        unroll: Whether to unroll the loop over the steps.
        reset_after: Whether the reset gate applies after the matrix product.
        use_cudnn: As in Keras, but no value asks for cuDNN here.

    Shapes:
        `(batch, time, features)` to `(batch, units)`, to `(batch, time, units)`
        with `return_sequences`; with `return_state`, the state follows.

    Example:

    >>> y, h = GRU(3, return_state=True)(ops.zeros((2, 5, 4)))
    >>> tuple(y.shape), tuple(h.shape)
    ((2, 3), (2, 3))

    Reference:
        Cho et al., 2014, Learning phrase representations using RNN encoder-decoder
        for statistical machine translation.
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
        reset_after: bool = True,
        use_cudnn: str | bool = "auto",
        **kwargs: Any,
    ) -> None:
        cell = GRUCell(
            units,
            activation=activation,
            recurrent_activation=recurrent_activation,
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
            reset_after=reset_after,
            seed=seed,
            dtype=kwargs.get("dtype"),
            trainable=kwargs.get("trainable", True),
            name="gru_cell",
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
    reset_after = of_cell("reset_after")
