"""Hierarchical softmax: sums over the nodes that are not near the root."""

from typing import Any, NamedTuple

import tensorflow as tf

from custom_layers._types import Tensor
from zoo.training.word2vec.rows import Table, logarithm, scales, total
from zoo.training.word2vec.trees import Tree, weights

CHUNK = 64  # targets that are computed together
STEP = 4  # nodes by which the numbers differ that tiles are padded to


class Tiles(NamedTuple):
    """Targets side by side, which are predicted from the same few vectors.

    Args:
        words: The targets `(tiles, targets)`.
        vectors: What predicts them, `(tiles, vectors, columns)`.
        pairs: 1 where a vector predicts a target, 0 elsewhere, `(tiles, targets,
            vectors)`.
    """

    words: Tensor
    vectors: Tensor
    pairs: Tensor


def lower_paths(
    nodes: Table, tiles: Tiles, rate: tf.Tensor, tree: Tree
) -> tuple[Table, Tensor, Tensor]:
    """Updates the other nodes on the paths to all targets.

    The paths to the targets of a tile, one behind the other, are one matrix product
    with its vectors. Tiles are computed in chunks, those with the most nodes first, so
    that each chunk is padded to little more than its own.

    Args:
        nodes: The vectors of the nodes.
        tiles: The targets; their number is a multiple of `CHUNK`.
        rate: Learning rate.
        tree: Paths to all words.

    Returns:
        The nodes, what is to be added to the vectors of each tile, and the loss.
    """
    count, targets = tiles.words.shape
    lengths = tf.gather(tree.lengths, tiles.words)
    sizes = tf.reduce_sum(lengths, axis=1)
    # Numbers that hold their places are sorted faster than numbers and places.
    keys = tf.sort(tf.range(count) - sizes * count)
    chunks = tf.reshape(tf.math.floormod(keys, count), (-1, CHUNK // targets))
    longest = tf.gather(sizes, chunks[:, 0])
    ends = tf.cumsum(lengths, axis=1)
    # Where a path is in the rows of the tree, less where it is in its tile.
    starts = tiles.words * tree.points.shape[1] + lengths - ends
    points, branches = (tf.reshape(x, [-1]) for x in (tree.points, tree.branches))

    def loop(width: int, state: Any) -> Any:
        places = tf.range(width)

        def is_longer(number: Any, *_: Any) -> Any:
            needed = longest[tf.minimum(number, chunks.shape[0] - 1)]
            return (number < chunks.shape[0]) & (needed > width - STEP)

        def body(number: Any, nodes: Table, changes: Any, loss: Any) -> Any:
            own = chunks[number]
            is_behind = places[:, tf.newaxis] >= tf.gather(ends, own)[:, tf.newaxis]
            # The target on whose path each node is; none behind the last path.
            target = tf.reduce_sum(tf.cast(is_behind, "int32"), axis=-1)
            start = _of_targets(tf.gather(starts, own), target)
            pairs = _of_targets(tf.gather(tiles.pairs, own), target)
            point = tf.gather(points, start + places)
            rows = tf.reshape(point, [-1])
            x = tf.gather(tiles.vectors, own)
            visits = tf.linalg.matvec(pairs, weights(x))
            scale, counted = scales(nodes.pairs, rows, tf.reshape(visits, [-1]), rate)
            change, du, more = lower_nodes(
                x,
                tf.gather(nodes.vectors, point),
                tf.gather(branches, start + places),
                pairs,
                tf.reshape(scale, visits.shape),
                rate,
            )
            du = tf.reshape(du, (-1, du.shape[-1]))
            moved = tf.tensor_scatter_nd_add(nodes.vectors, rows[:, tf.newaxis], du)
            changes = tf.tensor_scatter_nd_update(changes, own[:, tf.newaxis], change)
            return number + 1, Table(moved, counted), changes, loss + more

        return tf.while_loop(is_longer, body, state)

    state = tf.constant(0), nodes, tf.zeros(tiles.vectors.shape), tf.constant(0.0)
    widest = -(-targets * tree.points.shape[1] // STEP) * STEP
    for width in range(widest, 0, -STEP):
        state = loop(width, state)
    return state[1:]


def _of_targets(values: tf.Tensor, target: tf.Tensor) -> Tensor:
    """Rows of the target of each node; 0 where it has none."""
    padding = [(0, 0), (0, 1)] + [(0, 0)] * (len(values.shape) - 2)
    return tf.gather(tf.pad(values, padding), target, batch_dims=1)


def lower_nodes(
    x: tf.Tensor,
    u: tf.Tensor,
    branches: tf.Tensor,
    pairs: tf.Tensor,
    scale: tf.Tensor,
    rate: tf.Tensor,
) -> tuple[Tensor, Tensor, Tensor]:
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
        scale: By what the updates of the nodes are multiplied, `(tiles, nodes)`.
        rate: Learning rate.

    Returns:
        What is to be added to the vectors, and to the nodes, and the loss.
    """
    sign = tf.cast(branches, "float32")[:, :, tf.newaxis]
    p = tf.sigmoid(sign * tf.matmul(u, x, transpose_b=True))
    g = rate * pairs * sign * (1.0 - p)
    loss = -total(pairs * logarithm(p))
    du = tf.matmul(g * scale[:, :, tf.newaxis], x)
    return tf.matmul(g, u, transpose_a=True), du, loss
