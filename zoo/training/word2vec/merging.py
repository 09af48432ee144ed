"""The end of a step: the changes of its shards, merged."""

import functools
from collections.abc import Callable, Sequence

import keras
import tensorflow as tf

from zoo.training.word2vec.rows import Table, Update

ADDED = 512.0  # pairs of a word, over all shards, whose changes add up


def make_end(
    vectors: keras.Variable, outputs: keras.Variable, *, jit: bool
) -> Callable[..., tf.Tensor]:
    """Compiles a function that ends a step: it changes the tables by what shards did.

    It takes the tables with which the shards began, the `Update` of each, and the rows
    of the tables that these are (None for all rows), and returns the sum of the losses
    and the number of their pairs.

    Args:
        vectors: The vectors of the words.
        outputs: The vectors of the targets, or of the nodes.
        jit: Whether XLA compiles the merging.
    """
    merge = tf.function(merged, jit_compile=jit, autograph=False)

    def end(
        before: Sequence[tf.Tensor], done: Sequence[Update], rows: tf.Tensor | None
    ) -> tf.Tensor:
        after = [u.vectors for u in done], [u.outputs for u in done]
        for table, start, ends in zip((vectors, outputs), before, after, strict=True):
            new = merge(start, ends)
            if rows is None:
                table.value.assign(new)
            else:
                table.value.scatter_add(tf.IndexedSlices(new - start, rows))
        sums = [tf.stack([each.loss, each.pairs]) for each in done]
        return tf.add_n([tf.cast(each, "float64") for each in sums])

    return tf.function(end, autograph=False)


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
