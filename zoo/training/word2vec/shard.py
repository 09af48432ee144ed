"""Many blocks, one after the other, in one XLA call."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from custom_layers._types import Tensor
from zoo.training.word2vec.blocks import Blocks
from zoo.training.word2vec.rows import LANES, Table, Update
from zoo.training.word2vec.trees import Tree

ADDED = 512.0  # pairs of a word, over all shards, whose changes add up
Shard = Callable[..., Update]


def make_shard(step: Callable[..., Update], *, jit: bool) -> Shard:
    """Compiles a function that runs `step` on each of many blocks.

    It takes the tables `vectors` and `outputs`, `Blocks`, of which the first `count`
    are run, the learning rate, and the tree that `step` takes, if any. The tables have
    zeros as further columns meanwhile, up to a multiple of `LANES`.

    Args:
        step: Updates the tables by one block, as `skip_gram` does.
        jit: Whether XLA compiles it.
    """

    def shard(
        vectors: Tensor,
        outputs: Tensor,
        blocks: Blocks,
        count: tf.Tensor,
        rate: tf.Tensor,
        *tree: Tree,
    ) -> Update:
        columns = vectors.shape[1]

        def widened(table: Tensor) -> Table:
            wide = tf.pad(table, ((0, 0), (0, -columns % LANES)))
            return Table(wide, tf.zeros(table.shape[0]))

        def change(after: Table, before: tf.Tensor) -> Table:
            return Table(after.vectors[:, :columns] - before, after.pairs)

        def body(i: Any, so_far: Update) -> tuple[Any, Update]:
            v, u, loss, pairs = so_far
            block = Blocks(*(array[i] for array in blocks))
            v, u, more, number = step(v, u, block, rate, *tree)
            return i + 1, Update(v, u, loss + more, pairs + number)

        zero = tf.constant(0.0)
        start = Update(widened(vectors), widened(outputs), zero, zero)
        _, end = tf.while_loop(lambda i, _: i < count, body, (0, start))
        return end._replace(
            vectors=change(end.vectors, vectors), outputs=change(end.outputs, outputs)
        )

    return tf.function(shard, jit_compile=jit, autograph=False)


def merged(changes: Sequence[Table]) -> tf.Tensor:
    r"""Merges the changes of shards that began with the same vectors.

    .. math::

        \Delta_w = \lambda_w \sum_s \Delta_{sw}, \qquad
        \lambda_w = \min\left(1,
            \max\left(\frac{c}{n_w}, \frac{\max_s n_{sw}}{n_w}\right)\right)

    with the number :math:`n_{sw}` of the pairs of the word in a shard and
    :math:`n_w = \sum_s n_{sw}`. The changes of a rare word add up. Those of a frequent
    one are averaged: each shard has moved it most of the way already.
    """
    pairs = [change.pairs for change in changes]
    total = tf.maximum(tf.add_n(pairs), 1.0)
    most = functools.reduce(tf.maximum, pairs)
    scale = tf.minimum(1.0, tf.maximum(ADDED, most) / total)
    return tf.add_n([change.vectors for change in changes]) * scale[:, tf.newaxis]
