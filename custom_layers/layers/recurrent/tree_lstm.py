"""Tree-structured long short-term memory."""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from custom_layers import activations, fast, regularizers
from custom_layers._types import (
    ActivationLike,
    ConstraintLike,
    InitializerLike,
    RegularizerLike,
    Shape,
    Tensor,
)
from custom_layers.layers.recurrent._steps import project
from custom_layers.layers.recurrent._weights import RecurrentWeights, UnitForgetBias

__all__ = ["ChildSumTreeLSTM"]


@keras.saving.register_keras_serializable("custom_layers")
class ChildSumTreeLSTM(RecurrentWeights):
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
            **kwargs,
        )
        self.recurrent_activation = activations.get(recurrent_activation)
        self.unit_forget_bias = unit_forget_bias
        self.return_sequences = return_sequences
        self.supports_masking = True

    def build(self, inputs_shape: Shape, parents_shape: Shape) -> None:
        """Creates the weights."""
        if len(inputs_shape) != 3 or len(parents_shape) != 2:
            raise ValueError(
                "`ChildSumTreeLSTM` needs nodes (batch, nodes, features) and parents "
                f"(batch, nodes). Received: inputs.shape={inputs_shape}, "
                f"parents.shape={parents_shape}"
            )
        self.add_weights(inputs_shape[-1])

    def call(self, inputs: Tensor, parents: Tensor) -> Tensor:
        """Computes the nodes from leaves to roots."""
        parents = ops.cast(parents, "int32")
        h = self._climb(inputs, parents)
        kept = parents >= -1 if self.return_sequences else parents == -1
        h = h * ops.expand_dims(ops.cast(kept, h.dtype), -1)
        return h if self.return_sequences else ops.sum(h, axis=1)

    @fast.path
    def _climb(self, inputs: Tensor, parents: Tensor) -> Tensor:
        """Updates all nodes as often as the deepest tree may have levels."""
        level, _ = self.level_of(inputs, parents)
        shape = (*ops.shape(parents), self.units)
        zeros = ops.zeros(shape, self.compute_dtype)
        # A loop of data-dependent length has no gradient on every backend.
        return ops.fori_loop(
            1, parents.shape[1], lambda _, h_c: level(*h_c), level(zeros, zeros)
        )[0]

    def level_of(self, inputs: Tensor, parents: Tensor) -> tuple[Callable, Tensor]:
        """Returns a function that updates `h` and `c` of all nodes, and the edges.

        An edge `(batch, j, k)` is 1 where node `j` is the parent of node `k`.
        """
        nodes = ops.arange(ops.shape(parents)[1], dtype="int32")
        edges = ops.equal(ops.expand_dims(parents, 1), ops.expand_dims(nodes, 1))
        edges = ops.cast(edges, self.compute_dtype)
        x, x_f, recur = self.gates_of(inputs)
        x_f = ops.matmul(ops.transpose(edges, (0, 2, 1)), x_f)  # of the parent

        def level(h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
            return recur(x, x_f, h, c, lambda kept: ops.matmul(edges, kept))

        return level, edges

    def gates_of(self, inputs: Tensor) -> tuple[Tensor, Tensor, Callable]:
        """Returns the inputs' part of the gates, and the recurrence of a level.

        Returns:
            The part of input gate, candidate and output gate; that of the forget gate;
            and a function of both, of `h` and `c` of the children, where the forget
            gate's part is the parent's, and of the sum over children.
        """
        kernel, recurrent_kernel, bias = self.tensors()
        x = project(inputs, kernel)
        x = x if bias is None else ops.add(x, bias)
        x_i, x_f, x_g, x_o = ops.split(x, 4, axis=-1)
        r_i, r_f, r_g, r_o = ops.split(recurrent_kernel, 4, axis=1)
        r = ops.concatenate([r_i, r_g, r_o], axis=1)

        def recur(
            x: Tensor, x_f: Tensor, h: Tensor, c: Tensor, add: Callable
        ) -> tuple[Tensor, Tensor]:
            f = self.recurrent_activation(x_f + project(h, r_f))
            sums = add(ops.concatenate([h, f * c], axis=-1))
            h, kept = ops.split(sums, 2, axis=-1)
            i, g, o = ops.split(x + project(h, r), 3, axis=-1)
            c = kept + self.recurrent_activation(i) * self.activation(g)
            return self.recurrent_activation(o) * self.activation(c), c

        return ops.concatenate([x_i, x_g, x_o], axis=-1), x_f, recur

    def compute_output_shape(self, inputs_shape: Shape, parents_shape: Shape) -> Shape:
        """Returns the shape of the outputs."""
        nodes = inputs_shape[1:2] if self.return_sequences else ()
        return (inputs_shape[0], *nodes, self.units)

    def compute_mask(self, *_: Any) -> None:
        """Returns no mask: padding is marked in the parents."""

    def initial_bias(self) -> Any:
        """Returns the initializer of the weight `bias`."""
        if self.unit_forget_bias:
            return UnitForgetBias(self.bias_initializer, self.units)
        return self.bias_initializer

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        regularizer = regularizers.serialize(self.activity_regularizer)
        return super().get_config() | {
            "recurrent_activation": activations.serialize(self.recurrent_activation),
            "unit_forget_bias": self.unit_forget_bias,
            "activity_regularizer": regularizer,
            "return_sequences": self.return_sequences,
        }
