"""Hierarchical softmax: sums over the nodes that are not near the root."""

from typing import Any

import tensorflow as tf

from custom_layers._types import Tensor
from zoo.training.word2vec.rows import Table, add, logarithm
from zoo.training.word2vec.trees import Nodes, Tree

CHUNK = 64  # targets whose paths are padded to the same length
STEP = 2  # nodes by which these lengths differ


def lower_paths(
    nodes: Table,
    words: tf.Tensor,
    vectors: tf.Tensor,
    places: tf.Tensor,
    counts: tf.Tensor,
    rate: tf.Tensor,
    tree: Tree,
) -> tuple[Table, Tensor, Tensor]:
    """Updates the other nodes on the path to each target, a chunk after the other.

    The targets with the longest paths come first, so that each chunk is padded to
    little more than its own paths.

    Args:
        nodes: The vectors of the nodes.
        words: The targets, a multiple of `CHUNK`.
        vectors: The vectors that predict them, `(rows, columns)`.
        places: Rows of these that predict each target, `(targets, rows)`.
        counts: 1 where such a row does predict it, 0 elsewhere.
        rate: Learning rate.
        tree: Paths to all words.

    Returns:
        The nodes, what is to be added to the vectors, and the sum of the losses.
    """
    columns = nodes.vectors.shape[1]
    lengths = tf.gather(tree.lengths, words)
    order = tf.argsort(lengths, direction="DESCENDING", stable=True)
    chunks = tf.reshape(order, (-1, CHUNK))
    longest = tf.gather(lengths, chunks[:, 0])

    def loop(width: int, state: Any) -> Any:
        def is_longer(number: Any, *_: Any) -> Any:
            needed = longest[tf.minimum(number, chunks.shape[0] - 1)]
            return (number < chunks.shape[0]) & (needed > width - STEP)

        def body(number: Any, nodes: Table, changes: Any, loss: Any) -> Any:
            targets = chunks[number]
            chunk, rows = tf.gather(words, targets), tf.gather(places, targets)
            points = tf.gather(tree.points, chunk)[:, :width]
            change, found = lower_nodes(
                tf.gather(vectors, rows),
                tf.gather(nodes.vectors, points),
                tf.gather(tree.branches, chunk)[:, :width],
                tf.gather(counts, targets),
                rate,
            )
            nodes = add(
                nodes,
                tf.reshape(points, [-1]),
                tf.reshape(found.du, (-1, columns)),
                tf.reshape(found.visits, [-1]),
                rate,
            )
            rows = tf.reshape(rows, (-1, 1))
            change = tf.reshape(change, (-1, columns))
            changes = tf.tensor_scatter_nd_add(changes, rows, change)
            return number + 1, nodes, changes, loss + found.loss

        return tf.while_loop(is_longer, body, state)

    state = tf.constant(0), nodes, tf.zeros(vectors.shape), tf.constant(0.0)
    for width in range(tree.points.shape[1], 0, -STEP):
        state = loop(width, state)
    return state[1:]


def lower_nodes(
    x: tf.Tensor,
    u: tf.Tensor,
    branches: tf.Tensor,
    counts: tf.Tensor,
    rate: tf.Tensor,
) -> tuple[tf.Tensor, Nodes]:
    r"""Sums over the other nodes on the path to each target.

    .. math::

        L = -\sum_{j, i, k} n_{ji} \log \sigma(b_{jk} \, x_{ji} \cdot u_{jk})

    with the branches :math:`b = \pm 1`.

    Args:
        x: The vectors that predict each target, `(targets, vectors, columns)`.
        u: Nodes of the paths, `(targets, nodes, columns)`.
        branches: `(targets, nodes)`.
        counts: 1 where a vector predicts its target, 0 elsewhere, `(targets, vectors)`.
        rate: Learning rate.

    Returns:
        What is to be added to the vectors, and to the nodes.
    """
    sign = tf.cast(branches, "float32")
    weight = counts[:, :, tf.newaxis] * tf.abs(sign)[:, tf.newaxis]
    sign = sign[:, tf.newaxis]
    p = tf.sigmoid(sign * tf.matmul(x, u, transpose_b=True))
    g = rate * weight * sign * (1.0 - p)
    loss = -tf.reduce_sum(weight * logarithm(p))
    du = tf.matmul(g, x, transpose_a=True)
    return tf.matmul(g, u), Nodes(du, tf.reduce_sum(weight, axis=1), loss)
