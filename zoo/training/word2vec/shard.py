"""Many blocks, one after the other, in one XLA call."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from custom_layers._types import Tensor
from zoo.training.word2vec.blocks import Blocks
from zoo.training.word2vec.rows import LANES, Table, Update
from zoo.training.word2vec.trees import Tree

Shard = Callable[..., Update]


def make_shard(step: Callable[..., Update], *, jit: bool) -> Shard:
    """Compiles a function that runs `step` on each of many blocks.

    It takes the tables `vectors` and `outputs`, `Blocks`, of which the first `count`
    are run, the learning rate, and the tree that `step` takes, if any. The tables that
    it returns have zeros as further columns, up to a multiple of `LANES`.

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
        def widened(table: Tensor) -> Table:
            wide = tf.pad(table, ((0, 0), (0, -table.shape[1] % LANES)))
            return Table(wide, tf.zeros(table.shape[0]))

        def body(i: Any, so_far: Update) -> tuple[Any, Update]:
            v, u, loss, pairs = so_far
            block = Blocks(*(array[i] for array in blocks))
            v, u, more, number = step(v, u, block, rate, *tree)
            return i + 1, Update(v, u, loss + more, pairs + number)

        zero = tf.constant(0.0)
        start = Update(widened(vectors), widened(outputs), zero, zero)
        _, end = tf.while_loop(lambda i, _: i < count, body, (0, start))
        return end

    return tf.function(shard, jit_compile=jit, autograph=False)
