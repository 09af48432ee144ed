"""Hierarchical softmax: sums over the nodes that are not near the root."""

from typing import Any

import tensorflow as tf

from custom_layers._types import Tensor
from zoo.training.word2vec.rows import Table, add, logarithm
from zoo.training.word2vec.trees import Nodes, Tree

STEP = 4  # nodes by which the lengths differ that paths are padded to


def lower_paths(
    nodes: Table,
    words: tf.Tensor,
    vectors: tf.Tensor,
    pairs: tf.Tensor,
    rate: tf.Tensor,
    tree: Tree,
    chunk: int,
) -> tuple[Table, Tensor, Tensor]:
    """Updates the other nodes on the paths to the targets, in tiles of neighbours.

    The targets of a tile are predicted from the same few vectors, so that all their
    paths, one behind the other, are one matrix product with these. Tiles are computed
    in chunks, those with the most nodes first: each chunk is padded to little more
    than its own.

    Args:
        nodes: The vectors of the nodes.
        words: The targets `(tiles, targets)`.
        vectors: The vectors that predict them, `(tiles, vectors, columns)`.
        pairs: 1 where a vector predicts a target, 0 elsewhere, `(tiles, targets,
            vectors)`.
        rate: Learning rate.
        tree: Paths to all words.
        chunk: Number of tiles that are computed together.

    Returns:
        The nodes, what is to be added to the vectors, and the sum of the losses.
    """
    tiles, targets = words.shape
    lengths = tf.gather(tree.lengths, words)
    total = tf.reduce_sum(lengths, axis=1)
    # One number to sort by, which XLA sorts faster than numbers with their places.
    keys = tf.sort(tf.range(tiles) - total * tiles)
    chunks = tf.reshape(tf.math.floormod(keys, tiles), (-1, chunk))
    longest = tf.gather(total, chunks[:, 0])
    ends = tf.cumsum(lengths, axis=1)
    first = tf.pad(words * tree.points.shape[1] + lengths - ends, ((0, 0), (0, 1)))
    pairs = tf.pad(pairs, ((0, 0), (0, 1), (0, 0)))
    points = tf.reshape(tree.points, [-1])
    branches = tf.reshape(tree.branches, [-1])

    def loop(width: int, state: Any) -> Any:
        places = tf.range(width)

        def is_longer(number: Any, *_: Any) -> Any:
            needed = longest[tf.minimum(number, chunks.shape[0] - 1)]
            return (number < chunks.shape[0]) & (needed > width - STEP)

        def body(number: Any, nodes: Table, changes: Any, loss: Any) -> Any:
            own = chunks[number]
            is_behind = places[:, tf.newaxis] >= tf.gather(ends, own)[:, tf.newaxis]
            # The target on whose path a node is; behind the last path, none.
            owner = tf.reduce_sum(tf.cast(is_behind, "int32"), axis=-1)
            place = tf.gather(tf.gather(first, own), owner, batch_dims=1) + places
            point = tf.gather(points, place)
            change, found = lower_nodes(
                tf.gather(vectors, own),
                tf.gather(nodes.vectors, point),
                tf.gather(branches, place),
                tf.gather(tf.gather(pairs, own), owner, batch_dims=1),
                rate,
            )
            nodes = add(
                nodes,
                tf.reshape(point, [-1]),
                tf.reshape(found.du, (-1, found.du.shape[-1])),
                tf.reshape(found.visits, [-1]),
                rate,
            )
            changes = tf.tensor_scatter_nd_update(changes, own[:, tf.newaxis], change)
            return number + 1, nodes, changes, loss + found.loss

        return tf.while_loop(is_longer, body, state)

    state = tf.constant(0), nodes, tf.zeros(vectors.shape), tf.constant(0.0)
    widest = -(-targets * tree.points.shape[1] // STEP) * STEP
    for width in range(widest, 0, -STEP):
        state = loop(width, state)
    return state[1:]


def lower_nodes(
    x: tf.Tensor,
    u: tf.Tensor,
    branches: tf.Tensor,
    pairs: tf.Tensor,
    rate: tf.Tensor,
) -> tuple[tf.Tensor, Nodes]:
    r"""Sums over nodes of the paths to the targets of each tile.

    .. math::

        L = -\sum_{i, k} n_{ki} \log \sigma(b_k \, x_i \cdot u_k)

    with the branches :math:`b = \pm 1`.

    Args:
        x: The vectors of each tile, `(tiles, vectors, columns)`.
        u: The nodes, `(tiles, nodes, columns)`.
        branches: `(tiles, nodes)`.
        pairs: 1 where a vector predicts the target on whose path a node is, 0
            elsewhere, `(tiles, nodes, vectors)`.
        rate: Learning rate.

    Returns:
        What is to be added to the vectors, and to the nodes.
    """
    sign = tf.cast(branches, "float32")[:, :, tf.newaxis]
    p = tf.sigmoid(sign * tf.matmul(u, x, transpose_b=True))
    g = rate * pairs * sign * (1.0 - p)
    loss = -tf.reduce_sum(pairs * logarithm(p))
    change = tf.matmul(g, u, transpose_a=True)
    return change, Nodes(tf.matmul(g, x), tf.reduce_sum(pairs, axis=2), loss)
