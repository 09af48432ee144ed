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
    zeros = tf.zeros((*edges.shape[:2], layer.units), edges.dtype)
    down = tf.transpose(edges, (0, 2, 1))
    deeper = tf.reduce_sum(down, axis=-1, keepdims=True)  # has an ancestor so far up
    return tf.while_loop(
        lambda h, c, deeper: tf.reduce_any(deeper > 0),
        lambda h, c, deeper: (*level(h, c), tf.matmul(down, deeper)),
        (*level(zeros, zeros), deeper),
        maximum_iterations=edges.shape[1],
    )[0]


def climb(layer: Any, inputs: Tensor, parents: Tensor) -> Tensor:
    """Computes the nodes of one level after the other."""
    if compiles():
        return _climb_compiled(layer, inputs, parents)
    held = levels_of(parents)
    x, x_f, recur = layer.gates_of(inputs)
    shape = tf.concat([tf.shape(parents), [layer.units]], 0)
    flat = [tf.gather(tf.reshape(t, [-1, t.shape[-1]]), held.order) for t in (x, x_f)]
    none = tf.zeros([0, layer.units], x.dtype)
    # The deepest nodes get one child that adds nothing: converters know no empty sums.
    child = tf.zeros([1, layer.units], x.dtype)
    places = tf.concat([[0], held.places], 0)

    def level(k: Tensor, h: Tensor, c: Tensor, found: Tensor) -> tuple:
        first, last = held.starts[k], held.starts[k + 1]
        x, x_f = (values[first:last] for values in flat)
        above = places[first + 1 - tf.shape(h)[0] : first + 1]
        h, c = recur(
            x,
            tf.gather(x_f, above),
            h,
            c,
            lambda kept: tf.math.unsorted_segment_sum(kept, above, last - first),
        )
        return k + 1, h, c, tf.concat([found, h], 0)

    *_, found = tf.while_loop(
        lambda k, *_: k < held.number,
        level,
        (tf.constant(0), child, child, none),
        shape_invariants=(
            tf.TensorShape([]),
            *[tf.TensorShape([None, layer.units])] * 3,
        ),
        maximum_iterations=shape[1],
    )
    rows = tf.scatter_nd(held.order[:, None], found, [shape[0] * shape[1], shape[2]])
    return tf.reshape(rows, shape)
