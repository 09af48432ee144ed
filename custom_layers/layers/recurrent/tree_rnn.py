"""Recursive neural network."""

from collections.abc import Callable
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
from custom_layers.layers.recurrent._steps import project
from custom_layers.layers.recurrent._tree import Gates, Tree

__all__ = ["TreeRNN"]


@keras.saving.register_keras_serializable("custom_layers")
class TreeRNN(Tree):
    r"""Recursive neural network, from the leaves of trees to their roots.

    .. math::

        h_j = \phi\Big(x_j W + b + \sum_{k \in C(j)} h_k R_{p(k)}\Big)

    for node `j` with children `C(j)`, of which child `k` is the `p(k)`-th in the order
    of the nodes, and `recurrent_kernel = [R_1; R_2; ...]`. In a binary tree whose inner
    nodes have no input this is `tanh([left; right] R + b)` of Socher et al. The nodes
    of all trees are computed level by level, on TensorFlow each of them once.

    Args:
        units: Number of units, the size of the output.
        activation: Activation `phi`, or its name.
        arity: Number of matrices `R`; later children share the last one.
        use_bias: Whether the layer adds a bias.
        kernel_initializer: Initializer for the kernel `(features, units)`.
        recurrent_initializer: Initializer for the recurrent kernel
            `(arity * units, units)`.
        bias_initializer: Initializer for the bias `(units,)`.
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
    >>> tuple(TreeRNN(3)(ops.ones((1, 4, 5)), parents).shape)
    (1, 3)

    Reference:
        Socher et al., 2011, Parsing natural scenes and natural language with
        recursive neural networks; Socher et al., 2013, Recursive deep models for
        semantic compositionality over a sentiment treebank.
    """

    gates = 1
    states = 1

    def __init__(
        self,
        units: int,
        activation: ActivationLike = "tanh",
        arity: int = 2,
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
        if arity <= 0:
            raise ValueError(
                "Received an invalid value for argument `arity`, expected a positive "
                f"integer. Received: arity={arity}"
            )
        self.arity = arity

    def recurrent_shape(self) -> Shape:
        """Returns the shape of the weight `recurrent_kernel`."""
        return (self.arity * self.units, self.units)

    def gates_of(self, inputs: Tensor, parents: Tensor) -> Gates:
        """Returns the projected inputs, and which matrix each child has."""
        kernel, recurrent_kernel, bias = self.tensors()
        x = project(inputs, kernel)
        x = x if bias is None else ops.add(x, bias)
        places = ops.minimum(_elder_siblings(parents), self.arity - 1)
        is_at = ops.cast(
            ops.equal(ops.expand_dims(places, -1), ops.arange(self.arity)), x.dtype
        )

        def recur(x: Tensor, read: tuple, states: tuple, add: Callable) -> tuple:
            (is_at,), (h,) = read, states
            side_by_side = [is_at[..., p : p + 1] * h for p in range(self.arity)]
            children = add(ops.concatenate(side_by_side, axis=-1))
            return (self.activation(x + project(children, recurrent_kernel)),)

        return Gates(x, (), (is_at,), recur)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {"arity": self.arity}


def _elder_siblings(parents: Tensor) -> Tensor:
    """How many nodes before each, `(batch, nodes)`, have the same parent."""
    are_siblings = ops.equal(ops.expand_dims(parents, 2), ops.expand_dims(parents, 1))
    nodes = ops.arange(ops.shape(parents)[1], dtype="int32")
    are_before = ops.expand_dims(nodes, 0) < ops.expand_dims(nodes, 1)
    both = ops.logical_and(are_siblings, are_before)
    return ops.sum(ops.cast(both, "int32"), axis=2)
