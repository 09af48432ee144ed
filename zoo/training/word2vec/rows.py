"""Arithmetic on the rows of a block, in the form that XLA makes fast code of."""

from typing import NamedTuple

import tensorflow as tf

from custom_layers._types import Tensor

LANES = 16  # numbers that a vector instruction takes
TINY = 1e-37
FARTHEST = 1.0  # learning rate, times the pairs of one word in a block


def offsets(window: int) -> list[int]:
    """Distances of the context words.

    >>> offsets(2)
    [-2, -1, 1, 2]
    """
    return [d for d in range(-window, window + 1) if d]


def shifted(array: tf.Tensor, start: int, size: int) -> tf.Tensor:
    """Rows `start` up to `start + size`."""
    return array[start : start + size]


def products(a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
    """Scalar products along the last axis.

    Sums of `LANES` columns come first: XLA makes vector instructions of them, but not
    of a sum over all columns.

    Shapes:
        Twice `(..., columns)`, a multiple of `LANES`, to `(...)`.
    """
    shape = a.shape[:-1]
    lanes = tf.reduce_sum(tf.reshape(a * b, (*shape, -1, LANES)), axis=-2)
    sums = tf.matmul(tf.reshape(lanes, (-1, LANES)), tf.ones((LANES, 1)))
    return tf.reshape(sums, shape)


def total(values: tf.Tensor) -> Tensor:
    """Sum of all values, in columns first, for the reason that `products` has."""
    flat = tf.reshape(values, [-1])
    wide = 4 * LANES
    columns = tf.reshape(tf.pad(flat, [(0, -flat.shape[0] % wide)]), (-1, wide))
    sums = tf.reduce_sum(columns, axis=0, keepdims=True)
    return tf.matmul(sums, tf.ones((wide, 1)))[0, 0]


def logarithm(probability: tf.Tensor) -> tf.Tensor:
    """Logarithm of a sigmoid, which rounding may have made 0."""
    return tf.math.log(tf.maximum(probability, TINY))


class Table(NamedTuple):
    """Vectors `(words, columns)`, and in how many pairs each was updated."""

    vectors: Tensor
    pairs: Tensor


class Update(NamedTuple):
    """Tables after a block, the sum of its losses, and the number of these."""

    vectors: Table
    outputs: Table
    loss: Tensor
    pairs: Tensor


def add(
    table: Table,
    rows: tf.Tensor,
    updates: tf.Tensor,
    pairs: tf.Tensor,
    rate: tf.Tensor,
) -> Table:
    r"""Adds updates to the rows of a table.

    All pairs of a block see the same vectors, so that the sum of many updates of one
    word would go too far:

    .. math::

        v_w \leftarrow v_w
            + \min\left(1, \frac{1}{\eta \, n_w}\right) \sum_i \Delta_{wi}

    with the number of pairs :math:`n_w` of the word in the block.

    Args:
        table: The vectors.
        rows: Numbers of the rows, some of them several times.
        updates: `(len(rows), columns)`.
        pairs: How many pairs each update is the sum of.
        rate: Learning rate.
    """
    scale, counted = scales(table.pairs, rows, pairs, rate)
    scaled = updates * scale[:, tf.newaxis]
    vectors = tf.tensor_scatter_nd_add(table.vectors, rows[:, tf.newaxis], scaled)
    return Table(vectors, counted)


def scales(
    counted: tf.Tensor, rows: tf.Tensor, pairs: tf.Tensor, rate: tf.Tensor
) -> tuple[Tensor, Tensor]:
    """Returns by what `add` multiplies each update, and the pairs of all words."""
    rows = rows[:, tf.newaxis]
    before = tf.gather_nd(counted, rows)
    counted = tf.tensor_scatter_nd_add(counted, rows, pairs)
    return limit(rate * (tf.gather_nd(counted, rows) - before)), counted


def limit(far: tf.Tensor) -> Tensor:
    """Returns by what updates are multiplied that go further than `FARTHEST`."""
    return FARTHEST / tf.maximum(far, FARTHEST)
