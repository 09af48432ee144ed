"""Merges what the shards of a step did to a table."""

import functools
from collections.abc import Callable, Sequence

import keras
import numpy as np
import tensorflow as tf

from zoo.training.word2vec.rows import Table

ADDED = 512.0  # pairs of a word, over all shards, whose changes add up


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
    r"""Merges the changes of shards that began with the same vectors.

    .. math::

        v_w \leftarrow v_w + \lambda_w \sum_s \Delta_{sw}, \qquad
        \lambda_w = \min\left(1,
            \max\left(\frac{c}{n_w}, \frac{\max_s n_{sw}}{n_w}\right)\right)

    with the number :math:`n_{sw}` of the pairs of the word in a shard and
    :math:`n_w = \sum_s n_{sw}`. The changes of a rare word add up. Those of a frequent
    one are averaged: each shard has moved it most of the way already.

    Args:
        before: Vectors `(words, columns)`.
        after: The table of each shard, with further columns, which are left out.
    """
    pairs = [table.pairs for table in after]
    total = tf.maximum(tf.add_n(pairs), 1.0)
    most = functools.reduce(tf.maximum, pairs)
    scale = tf.minimum(1.0, tf.maximum(ADDED, most) / total)
    columns = before.shape[1]
    changes = [table.vectors[:, :columns] - before for table in after]
    return before + tf.add_n(changes) * scale[:, tf.newaxis]
