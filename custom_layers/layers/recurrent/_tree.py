"""Base class of layers that compute trees from the leaves to the root."""

from collections.abc import Callable
from typing import Any, NamedTuple

from keras import ops

from custom_layers import fast, regularizers
from custom_layers._types import Shape, Tensor
from custom_layers.layers.recurrent._weights import RecurrentWeights


class Gates(NamedTuple):
    """What a tree's nodes are computed from.

    Args:
        x: The inputs' part of the gates, `(batch, nodes, ...)`.
        above: Tensors alike, of which each child reads the rows of its parent.
        own: Tensors alike, of which each child reads its own rows.
        recur: A function of `x`, of what the children read, of their states, and of
            the sum over the children of each node; it returns the nodes' states, the
            output first.
    """

    x: Tensor
    above: tuple[Tensor, ...]
    own: tuple[Tensor, ...]
    recur: Callable[[Tensor, tuple, tuple, Callable], tuple]


class Tree(RecurrentWeights):
    """Base class: subclasses say by `gates_of` how a node follows from its children."""

    states: int

    def __init__(
        self,
        units: int,
        *,
        activity_regularizer: Any,
        return_sequences: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(units, activity_regularizer=activity_regularizer, **kwargs)
        self.return_sequences = return_sequences
        self.supports_masking = True

    def gates_of(self, inputs: Tensor, parents: Tensor) -> Gates:
        """Returns what nodes are computed from."""
        raise NotImplementedError

    def build(self, inputs_shape: Shape, parents_shape: Shape) -> None:
        """Creates the weights."""
        if len(inputs_shape) != 3 or len(parents_shape) != 2:
            raise ValueError(
                f"`{type(self).__name__}` needs nodes (batch, nodes, features) and "
                f"parents (batch, nodes). Received: inputs.shape={inputs_shape}, "
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
        zeros = (ops.zeros(shape, self.compute_dtype),) * self.states
        # A loop of data-dependent length has no gradient on every backend.
        return ops.fori_loop(
            1, parents.shape[1], lambda _, states: level(*states), level(*zeros)
        )[0]

    def level_of(self, inputs: Tensor, parents: Tensor) -> tuple[Callable, Tensor]:
        """Returns a function that updates the states of all nodes, and the edges.

        An edge `(batch, j, k)` is 1 where node `j` is the parent of node `k`.
        """
        nodes = ops.arange(ops.shape(parents)[1], dtype="int32")
        edges = ops.equal(ops.expand_dims(parents, 1), ops.expand_dims(nodes, 1))
        edges = ops.cast(edges, self.compute_dtype)
        x, above, own, recur = self.gates_of(inputs, parents)
        down = ops.transpose(edges, (0, 2, 1))
        read = (*(ops.matmul(down, each) for each in above), *own)

        def level(*states: Tensor) -> tuple:
            return recur(x, read, states, lambda kept: ops.matmul(edges, kept))

        return level, edges

    def compute_output_shape(self, inputs_shape: Shape, parents_shape: Shape) -> Shape:
        """Returns the shape of the outputs."""
        nodes = inputs_shape[1:2] if self.return_sequences else ()
        return (inputs_shape[0], *nodes, self.units)

    def compute_mask(self, *_: Any) -> None:
        """Returns no mask: padding is marked in the parents."""

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        regularizer = regularizers.serialize(self.activity_regularizer)
        return super().get_config() | {
            "activity_regularizer": regularizer,
            "return_sequences": self.return_sequences,
        }
