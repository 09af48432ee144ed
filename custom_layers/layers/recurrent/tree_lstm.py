"""Tree-structured long short-term memory."""

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
    Tensor,
)
from custom_layers.layers.recurrent._steps import project
from custom_layers.layers.recurrent._tree import Gates, Tree
from custom_layers.layers.recurrent._weights import UnitForgetBias

__all__ = ["ChildSumTreeLSTM"]


@keras.saving.register_keras_serializable("custom_layers")
class ChildSumTreeLSTM(Tree):
    r"""Child-sum tree LSTM, from the leaves of trees to their roots.

    .. math::

        \tilde h_j &= \sum_{k \in C(j)} h_k \\
        i_j &= \sigma(x_j W_i + \tilde h_j R_i + b_i) \\
        f_{jk} &= \sigma(x_j W_f + h_k R_f + b_f) \quad \text{for } k \in C(j) \\
        g_j &= \phi(x_j W_g + \tilde h_j R_g + b_g) \\
        o_j &= \sigma(x_j W_o + \tilde h_j R_o + b_o) \\
        c_j &= i_j \odot g_j + \sum_{k \in C(j)} f_{jk} \odot c_k \\
        h_j &= o_j \odot \phi(c_j)

    for node `j` with children `C(j)`, `kernel = [W_i, W_f, W_g, W_o]` and
    `recurrent_kernel = [R_i, R_f, R_g, R_o]`. On a chain, it is an LSTM. The nodes of
    all trees are computed level by level, on TensorFlow each of them once.

    Args:
        units: Number of units, the size of the output.
        activation: Activation `phi` of candidate and output, or its name.
        recurrent_activation: Activation `sigma` of the gates, or its name.
        use_bias: Whether the layer adds a bias.
        kernel_initializer: Initializer for the kernel `(features, 4 * units)`.
        recurrent_initializer: Initializer for the recurrent kernel
            `(units, 4 * units)`.
        bias_initializer: Initializer for the bias `(4 * units,)`.
        unit_forget_bias: Whether to initialize the forget gates' bias with ones.
        kernel_regularizer: Regularizer for the kernel.
        recurrent_regularizer: Regularizer for the recurrent kernel.
        bias_regularizer: Regularizer for the bias.
        activity_regularizer: Regularizer for the output.
        kernel_constraint: Constraint applied to the kernel after each update.
        recurrent_constraint: Constraint applied to the recurrent kernel after each
            update.
        bias_constraint: Constraint applied to the bias after each update.
        return_sequences: Whether to return the outputs of all nodes, not only that
            of the root.

    Shapes:
        Nodes `(batch, nodes, features)` and parents `(batch, nodes)`, integers, to
        `(batch, units)`, or `(batch, nodes, units)` with `return_sequences`. The
        parent of a node is the index of another, in any order; that of a root is
        -1, and -2 marks padding, whose output is zero. For several roots, the
        output is the sum over them.

    Example:

    >>> parents = ops.array([[2, 2, -1, -2]])  # a root with two leaves, a padding
    >>> tuple(ChildSumTreeLSTM(3)(ops.ones((1, 4, 5)), parents).shape)
    (1, 3)

    Reference:
        Tai, Socher and Manning, 2015, Improved semantic representations from
        tree-structured long short-term memory networks.
    """

    gates = 4
    states = 2

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
        return_sequences: bool = False,
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
            activity_regularizer=activity_regularizer,
            return_sequences=return_sequences,
            **kwargs,
        )
        self.recurrent_activation = activations.get(recurrent_activation)
        self.unit_forget_bias = unit_forget_bias

    def gates_of(self, inputs: Tensor, parents: Tensor) -> Gates:
        """Returns the inputs' part of the gates, and the recurrence of a level."""
        kernel, recurrent_kernel, bias = self.tensors()
        x = project(inputs, kernel)
        x = x if bias is None else ops.add(x, bias)
        x_i, x_f, x_g, x_o = ops.split(x, 4, axis=-1)
        r_i, r_f, r_g, r_o = ops.split(recurrent_kernel, 4, axis=1)
        r = ops.concatenate([r_i, r_g, r_o], axis=1)

        def recur(x: Tensor, read: tuple, states: tuple, add: Callable) -> tuple:
            (x_f,), (h, c) = read, states
            f = self.recurrent_activation(x_f + project(h, r_f))
            sums = add(ops.concatenate([h, f * c], axis=-1))
            h, kept = ops.split(sums, 2, axis=-1)
            i, g, o = ops.split(x + project(h, r), 3, axis=-1)
            c = kept + self.recurrent_activation(i) * self.activation(g)
            return self.recurrent_activation(o) * self.activation(c), c

        # The forget gate of a child has the input of its parent.
        return Gates(ops.concatenate([x_i, x_g, x_o], axis=-1), (x_f,), (), recur)

    def initial_bias(self) -> Any:
        """Returns the initializer of the weight `bias`."""
        if self.unit_forget_bias:
            return UnitForgetBias(self.bias_initializer, self.units)
        return self.bias_initializer

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "recurrent_activation": activations.serialize(self.recurrent_activation),
            "unit_forget_bias": self.unit_forget_bias,
        }
