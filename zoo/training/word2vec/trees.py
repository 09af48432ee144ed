"""Hierarchical softmax: the Huffman tree of the vocabulary, and sums over its nodes."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from custom_layers._types import Tensor
from custom_layers.losses.huffman import huffman_codes
from zoo.training.word2vec.rows import TINY, limit, logarithm, total

FEW = 64  # vectors that see the same nodes near the root


class Tree(NamedTuple):
    """Paths to the words, each divided into the nodes near the root, and the others.

    Args:
        top: Branch of each word at each of the last nodes, `(words, top nodes)`: 1 to
            the left, -1 to the right, 0 where the path does not come by.
        points: The other nodes of its path, `(words, nodes)`.
        branches: The branches there, 0 behind the end of a path.
        lengths: Number of these other nodes.
    """

    top: Tensor
    points: Tensor
    branches: Tensor
    lengths: Tensor


def make_tree(counts: Sequence[int] | np.ndarray, top: int) -> Tree:
    """Returns the paths of the tree in which frequent words have short ones.

    The last nodes are those that most paths come by, so that each path begins with such
    ones.

    Args:
        counts: Frequency of each word.
        top: How many nodes near the root are taken out of the paths.

    Example:

    >>> tree = make_tree([5, 1, 2], top=64)
    >>> tree.top.tolist(), tree.points.shape
    ([[0, -1], [1, 1], [-1, 1]], (3, 0))
    """
    codes, points = huffman_codes([int(n) for n in counts])
    branches = np.where(codes < 0, 0, 1 - 2 * codes).astype("int8")
    nodes = len(codes) - 1
    size = min(top, nodes)
    is_top = (points >= nodes - size) & (branches != 0)
    turns = np.zeros((len(codes), size), "int8")
    word, step = np.nonzero(is_top)
    turns[word, points[word, step] - (nodes - size)] = branches[word, step]
    above = is_top.sum(axis=1, keepdims=True)
    lengths = (branches != 0).sum(axis=1, keepdims=True) - above
    width = int(lengths.max())
    steps = above + np.arange(width)
    padded = ((0, 0), (0, width))
    return Tree(
        turns,
        np.take_along_axis(np.pad(points, padded), steps, axis=1),
        np.take_along_axis(np.pad(branches, padded), steps, axis=1),
        lengths[:, 0].astype("int32"),
    )


def weights(x: tf.Tensor) -> Tensor:
    r"""As how many pairs a visit of each vector to a node counts.

    The curvature of its loss, :math:`\sigma (1 - \sigma) \, x x^\top`, is at most

    .. math::

        \tfrac14 \lVert x \rVert^2

    and a step of gradient descent goes too far beyond twice the inverse of the sum of
    curvatures.

    Shapes:
        `(..., columns)` to `(...)`.
    """
    return tf.linalg.matvec(x * x, tf.fill(x.shape[-1:], 1 / 8))


class Nodes(NamedTuple):
    """Updates of nodes of the tree.

    Args:
        du: What is to be added to the nodes.
        visits: How often each node was come by, see `weights`.
        loss: Sum of the losses.
    """

    du: Tensor
    visits: Tensor
    loss: Tensor


def top_nodes(
    x: tf.Tensor, u: tf.Tensor, left: tf.Tensor, right: tf.Tensor, rate: tf.Tensor
) -> tuple[tf.Tensor, Nodes]:
    r"""Sums over the nodes near the root.

    .. math::

        L = -\sum_{i, k} \left(l_{ik} \log \sigma(x_i \cdot u_k)
            + r_{ik} \log \sigma(-x_i \cdot u_k)\right)

    All targets of a vector that come by a node share one score, so that only their
    numbers count.

    Args:
        x: Vectors `(rows, columns)`.
        u: Nodes `(nodes, columns)`.
        left: How many targets of each vector turn left at each node.
        right: How many turn right.
        rate: Learning rate.

    Returns:
        What is to be added to the vectors, and to the nodes.
    """
    score = tf.matmul(x, u, transpose_b=True)
    p = tf.sigmoid(score)
    g = rate * (left - (left + right) * p)
    # log(1 - p) is log(p) less the score, so one logarithm is enough; both have the
    # limit of `logarithm`.
    limited = tf.maximum(score, math.log(TINY))
    loss = total((left + right) * logarithm(p) - right * limited)
    du = tf.matmul(g, x, transpose_a=True)
    visits = tf.linalg.matvec(left + right, weights(x), transpose_a=True)
    return tf.matmul(g, u), Nodes(du, visits, -loss)


def upper_paths(
    x: tf.Tensor, u: tf.Tensor, left: tf.Tensor, right: tf.Tensor, rate: tf.Tensor
) -> tuple[tf.Tensor, Nodes]:
    """Updates the nodes near the root by a few vectors after the others.

    Almost all paths come by the same nodes: if these moved once a block, most of what
    they are given would go too far. Arguments and result are those of `top_nodes`.
    """
    rows, columns = x.shape
    count = -(-rows // FEW)

    def grouped(values: tf.Tensor) -> tf.Tensor:
        padded = tf.pad(values, ((0, count * FEW - rows), (0, 0)))
        return tf.reshape(padded, (count, FEW, -1))

    x, left, right = grouped(x), grouped(left), grouped(right)

    def body(i: Any, moved: Any, changes: Any, visits: Any, loss: Any) -> Any:
        dv, few = top_nodes(x[i], moved, left[i], right[i], rate)
        moved += limit(rate * few.visits)[:, tf.newaxis] * few.du
        changes = tf.tensor_scatter_nd_update(changes, [[i]], dv[tf.newaxis])
        return i + 1, moved, changes, visits + few.visits, loss + few.loss

    start = (
        tf.constant(0),
        u,
        tf.zeros((count, FEW, columns)),
        tf.zeros(u.shape[0]),
        tf.constant(0.0),
    )
    _, moved, changes, visits, loss = tf.while_loop(
        lambda i, *_: i < count, body, start
    )
    dv = tf.reshape(changes, (-1, columns))[:rows]
    return dv, Nodes(moved - u, visits, loss)
