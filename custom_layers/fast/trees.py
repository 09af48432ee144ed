"""Trees of a batch level by level, from the deepest, each node once."""

from typing import Any, NamedTuple

import tensorflow as tf

from custom_layers._types import Tensor
from custom_layers.fast.context import compiles


class Levels(NamedTuple):
    """The nodes of a batch in the order of their levels, the deepest first.

    Args:
        order: Number of each node, `batch * nodes` in all, without padding.
        starts: Where each level begins in `order`, and the end of the last.
        places: For each node in `order`, where its parent stands in its own level.
        number: Of the levels.
    """

    order: tf.Tensor
    starts: tf.Tensor
    places: tf.Tensor
    number: tf.Tensor


def levels_of(parents: tf.Tensor) -> Levels:
    """Sorts nodes `(batch, nodes)` by their distance from the root."""
    batch, nodes = tf.unstack(tf.shape(parents))
    first = nodes * tf.range(batch)[:, None]
    up = tf.reshape(tf.where(parents < 0, -1, parents + first), [-1])
    depth, _ = tf.while_loop(
        lambda depth, above: tf.reduce_any(above >= 0),
        lambda depth, above: (
            depth + tf.cast(above >= 0, tf.int32),
            tf.where(above >= 0, tf.gather(up, tf.maximum(above, 0)), -1),
        ),
        (tf.zeros_like(up), up),
        maximum_iterations=nodes,
    )
    held = tf.reshape(parents, [-1]) > -2
    deepest = tf.reduce_max(tf.where(held, depth, -1))
    level = tf.where(held, deepest - depth, deepest + 1)
    order = tf.argsort(level, stable=True)[
        : tf.math.count_nonzero(held, dtype=tf.int32)
    ]
    sizes = tf.math.unsorted_segment_sum(
        tf.ones_like(order), tf.gather(level, order), deepest + 1
    )
    starts = tf.concat([[0], tf.cumsum(sizes)], 0)
    ranks = tf.scatter_nd(order[:, None], tf.range(tf.size(order)), tf.shape(up))
    above = tf.gather(up, order)
    # A root has no parent: what stands there is never read.
    next_level = tf.minimum(tf.gather(level, order) + 1, deepest)
    places = tf.gather(ranks, tf.maximum(above, 0)) - tf.gather(starts, next_level)
    return Levels(order, starts, places, deepest + 1)


def _climb_compiled(layer: Any, inputs: Tensor, parents: Tensor) -> Tensor:
    """Updates all nodes at once, in shapes that do not depend on the trees.

    It ends when the deepest leaf of the batch has reached its root.
    """
    level, edges = layer.level_of(inputs, parents)
    zeros = (tf.zeros((*edges.shape[:2], layer.units), edges.dtype),) * layer.states
    down = tf.transpose(edges, (0, 2, 1))
    deeper = tf.reduce_sum(down, axis=-1, keepdims=True)  # has an ancestor so far up
    return tf.while_loop(
        lambda deeper, *_: tf.reduce_any(deeper > 0),
        lambda deeper, *states: (tf.matmul(down, deeper), *level(*states)),
        (deeper, *level(*zeros)),
        maximum_iterations=edges.shape[1],
    )[1]


def climb(layer: Any, inputs: Tensor, parents: Tensor) -> Tensor:
    """Computes the nodes of one level after the other."""
    if compiles():
        return _climb_compiled(layer, inputs, parents)
    held = levels_of(parents)
    x, above, own, recur = layer.gates_of(inputs, parents)
    shape = tf.concat([tf.shape(parents), [layer.units]], 0)

    def sort(values: Tensor) -> Tensor:
        return tf.gather(tf.reshape(values, [-1, values.shape[-1]]), held.order)

    x, above, own = sort(x), [sort(each) for each in above], [sort(e) for e in own]
    none = tf.zeros([0, layer.units], x.dtype)
    # The deepest nodes get one child that adds nothing: converters know no empty sums.
    child = tf.zeros([1, layer.units], x.dtype)
    places = tf.concat([[0], held.places], 0)
    own = [tf.pad(each, [[1, 0], [0, 0]]) for each in own]

    def level(k: Tensor, found: Tensor, *states: Tensor) -> tuple:
        first, last = held.starts[k], held.starts[k + 1]
        children = slice(first + 1 - tf.shape(states[0])[0], first + 1)
        parent = places[children]
        read = (
            *(tf.gather(each[first:last], parent) for each in above),
            *(each[children] for each in own),
        )
        states = recur(
            x[first:last],
            read,
            states,
            lambda kept: tf.math.unsorted_segment_sum(kept, parent, last - first),
        )
        return k + 1, tf.concat([found, states[0]], 0), *states

    rows = tf.TensorShape([None, layer.units])
    found = tf.while_loop(
        lambda k, *_: k < held.number,
        level,
        (tf.constant(0), none, *[child] * layer.states),
        shape_invariants=(tf.TensorShape([]), *[rows] * (1 + layer.states)),
        maximum_iterations=shape[1],
    )[1]
    rows = tf.scatter_nd(held.order[:, None], found, [shape[0] * shape[1], shape[2]])
    return tf.reshape(rows, shape)
