"""Merges what the shards of a step did to a table."""

from collections.abc import Callable, Sequence

import keras
import numpy as np
import tensorflow as tf

from custom_layers._types import Tensor
from zoo.training.word2vec.rows import TINY, Table

ADDED = 512.0  # pairs of a word, over both shards, whose changes add up


def make_merge(*, jit: bool) -> Callable[..., None]:
    """Compiles a function that changes a table by what shards did.

    It takes the table, the rows of it with which the shards began, the table that each
    of them ended with, and the numbers of these rows (None for all rows).

    Args:
        jit: Whether XLA compiles the arithmetic.
    """
    merge = tf.function(merged, jit_compile=jit, autograph=False)

    def end(
        table: keras.Variable,
        before: tf.Tensor,
        after: Sequence[Table],
        rows: np.ndarray | None,
    ) -> None:
        new = merge(before, after)
        if rows is None:
            table.value.assign(new)
        else:
            table.value.scatter_add(tf.IndexedSlices(new - before, tf.constant(rows)))

    return end


def merged(before: tf.Tensor, after: Sequence[Table]) -> tf.Tensor:
    r"""Merges the changes of two shards that began with the same vectors.

    .. math::

        v_w \leftarrow v_w + \left(1 - \frac{c_w}{2 \lVert a_w \rVert^2}\right) a_w
            + \left(1 - \frac{c_w}{2 \lVert b_w \rVert^2}\right) b_w, \qquad
        c_w = \max(0, a_w \cdot b_w) \cos^2(a_w, b_w)

    with the changes `a` and `b` of a word of more than `ADDED` pairs; for the others
    `c = 0`. Of changes that are parallel, half is taken from each: both shards have
    moved the vector most of the way to the same place. Without the factor
    :math:`\cos^2` it is the sum of Maleki et al. (2021), "Scaling distributed training
    with adaptive summation", which also shortens changes that have just a direction in
    common.

    Args:
        before: Vectors `(words, columns)`.
        after: The tables of both shards, with further columns, which are left out.
    """
    columns = before.shape[1]
    a, b = (table.vectors[:, :columns] - before for table in after)
    is_frequent = tf.add_n([table.pairs for table in after])[:, tf.newaxis] > ADDED
    aa, bb, ab = (_products(*each) for each in ((a, a), (b, b), (a, b)))
    by_a, by_b = (tf.maximum(ab, 0.0) / tf.maximum(square, TINY) for square in (aa, bb))
    # The shares of a and b that they have in common.
    c = tf.where(is_frequent, by_a * by_b, 0.0)
    return before + (1.0 - c * by_a / 2.0) * a + (1.0 - c * by_b / 2.0) * b


def _products(a: tf.Tensor, b: tf.Tensor) -> Tensor:
    return tf.matmul(a * b, tf.ones((a.shape[1], 1)))
