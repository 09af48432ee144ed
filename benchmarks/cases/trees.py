"""Layers of trees, beside the nodes computed one by one with Keras' layers."""

import keras
import numpy as np
from keras import ops

from benchmarks.cases import LayerCase


class NodeByNode(keras.layers.Layer):
    """From the last node to the first: parents stand before their children."""

    def call(self, x, parents):
        x = self.dense(x)
        nodes = x.shape[1]
        zeros = ops.zeros((x.shape[0], self.units))
        states = [tuple([zeros] * self.count)] * nodes
        for j in reversed(range(nodes)):
            later = [ops.stack(s, axis=1) for s in zip(*states[j:], strict=True)]
            is_child = ops.cast(parents[:, j:] == j, "float32")[..., None]
            states[j] = self.node(x[:, j], is_child, *later)
        return states[0][0]


class ChildSums(NodeByNode):
    """A child-sum LSTM of two dense layers."""

    count = 2

    def __init__(self, units):
        super().__init__()
        self.units, self.dense = units, keras.layers.Dense(4 * units)
        self.gates = keras.layers.Dense(3 * units, use_bias=False)
        self.forget = keras.layers.Dense(units, use_bias=False)

    def node(self, x, is_child, h, c):
        x_i, x_f, x_g, x_o = ops.split(x, 4, axis=-1)
        f = ops.sigmoid(x_f[:, None] + self.forget(h))
        i, g, o = ops.split(self.gates(ops.sum(is_child * h, axis=1)), 3, axis=-1)
        kept = ops.sum(is_child * f * c, axis=1)
        c = kept + ops.sigmoid(x_i + i) * ops.tanh(x_g + g)
        return ops.sigmoid(x_o + o) * ops.tanh(c), c


class LeftAndRight(NodeByNode):
    """A recursive network of a dense layer for each of two children."""

    count = 1

    def __init__(self, units):
        super().__init__()
        self.units, self.dense = units, keras.layers.Dense(units)
        self.left, self.right = (
            keras.layers.Dense(units, use_bias=False) for _ in range(2)
        )

    def node(self, x, is_child, h):
        is_first = is_child * ops.cast(ops.cumsum(is_child, axis=1) == 1, "float32")
        left = ops.sum(is_first * h, axis=1)
        right = ops.sum((is_child - is_first) * h, axis=1)
        return (ops.tanh(x + self.left(left) + self.right(right)),)


def _complete_trees(rng, shapes):
    """Nodes, and the parents of those of complete binary trees, the root first."""
    samples, nodes = shapes[1]
    parents = (np.arange(nodes) + 1) // 2 - 1
    return [rng.normal(size=shapes[0]), np.tile(parents, (samples, 1))]


CASES = [
    LayerCase(
        name,
        {"units": 64},
        [(64, 31, 64), (64, 31)],
        draw=_complete_trees,
        peer=peer,
    )
    for name, peer in (("ChildSumTreeLSTM", ChildSums), ("TreeRNN", LeftAndRight))
]
