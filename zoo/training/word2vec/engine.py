"""The training loop's engine and feed for word2vec's models."""

import functools
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from zoo import tasks
from zoo.config import Recipe
from zoo.datasets import Dataset, Split
from zoo.training.engine.base import Outcome
from zoo.training.word2vec.blocks import GROUP, SHARED, SIZE, Blocks, draw
from zoo.training.word2vec.cbow import cbow
from zoo.training.word2vec.hierarchical import (
    CBOW_TOP,
    SKIP_GRAM_TOP,
    cbow_with_tree,
    skip_gram_with_tree,
)
from zoo.training.word2vec.merging import make_merge
from zoo.training.word2vec.rows import Update
from zoo.training.word2vec.sampling import keep_probabilities, noise_table
from zoo.training.word2vec.shard import make_shard
from zoo.training.word2vec.skip_gram import skip_gram
from zoo.training.word2vec.trees import Tree, make_tree

SHARDS = 2  # parts of a step, each computed by a thread
STEPS = {"skipgram": skip_gram, "cbow": cbow}
WITH_TREE = {
    "skipgram": (skip_gram_with_tree, SKIP_GRAM_TOP),
    "cbow": (cbow_with_tree, CBOW_TOP),
}
_SCORED = 2**31  # in place of an epoch: what is drawn to score a split


class Engine:
    """Trains the vectors of a word2vec model by their own gradient.

    A step takes `batch_size` token ids of the text, in its order, in `SHARDS` parts,
    which begin with the same vectors and are computed at the same time. What is drawn
    depends on seed, epoch, step and shard alone, so that the vectors are the same on
    any machine, and in a run that is resumed.

    Args:
        model: Compiled with `SGD`.
        data: With the token ids of the text, see `zoo.tasks.embedding`, and the
            frequencies of the vocabulary.
        recipe: Batch size, and the complete `encoding`.
    """

    def __init__(self, model: keras.Model, data: Dataset, recipe: Recipe) -> None:
        assert data.vocabulary is not None
        encoding = tasks.get(data.task).settings(recipe.encoding)
        counts = data.vocabulary.counts
        self.model = model
        self.batch_size = recipe.batch_size
        self.vectors = model.get_layer("embedding").embeddings
        self.outputs = model.get_layer("scores").kernel
        self.window = encoding["window"]
        self.negatives = encoding["negatives"]
        self._keep = keep_probabilities(counts, encoding["threshold"])
        self._noise = noise_table(counts)
        update, self._tree = self._choose(encoding["architecture"], counts)
        jit = bool(model.jit_compile)
        self._shard = make_shard(update, jit=jit)
        self._merge = make_merge(jit=jit)
        self._blocks = -(-self.batch_size // (SHARDS * SIZE))
        self._sums = keras.Variable(np.zeros(2), dtype="float64", trainable=False)
        self._threads = ThreadPoolExecutor(SHARDS)
        # A schedule is many operations, which are slow one by one.
        self.rate = tf.function(
            lambda: tf.identity(model.optimizer.learning_rate), autograph=False
        )

    def _choose(
        self, architecture: str, counts: Sequence[int]
    ) -> tuple[Callable[..., Update], tuple[Tree, ...]]:
        """Returns the update of a block, and the tree that it takes, if any."""
        if self.negatives:
            options = {"window": self.window, "negatives": self.negatives}
            return functools.partial(STEPS[architecture], **options), ()
        step, top = WITH_TREE[architecture]
        tree = Tree(*map(tf.constant, make_tree(counts, top)))
        return functools.partial(step, window=self.window), (tree,)

    def variables(self) -> list[keras.Variable]:
        """All variables that steps update, in a fixed order."""
        return [*self.model.variables, *self.model.optimizer.variables, self._sums]

    def build(self, split: Split) -> None:
        """Builds all variables before the first step."""
        self.model.optimizer.build(self.model.trainable_variables)

    def untrained_loss(self) -> float:
        """Loss of a pair, at most, where every score is 0."""
        if self.negatives:
            scores = 1 + self.negatives
        else:
            (tree,) = self._tree
            branches = np.concatenate([tree.top, tree.branches], axis=1)
            scores = (branches != 0).sum(axis=1).max()
        return float(scores * np.log(2))

    def feed(self, split: Split) -> "Feed":
        """Returns the feed of a split."""
        return Feed(self, split)

    def start_means(self) -> None:
        """Resets the mean of the loss."""
        self._sums.assign(np.zeros(2))

    def means(self) -> dict[str, float]:
        """Returns the mean loss of a pair since the last reset."""
        loss, pairs = np.asarray(self._sums)
        return {"loss": float(loss / max(pairs, 1))}

    def draw(self, words: np.ndarray, seed: Sequence[int]) -> list[Blocks]:
        """Draws the blocks of each shard of a step.

        Args:
            words: Token ids of the step.
            seed: Integers that decide what is drawn.
        """
        return [
            draw(part, self._keep, self._noise, self.window, _generator(seed, shard))
            for shard, part in enumerate(np.array_split(words, SHARDS))
        ]

    def run(self, drawn: Sequence[Blocks], rate: float) -> bool:
        """Runs a step.

        Args:
            drawn: The blocks of each shard.
            rate: Learning rate; with 0 the loss is computed alone.

        Returns:
            Whether the loss is finite.
        """
        rows, drawn = used_rows(drawn, len(self._keep), self._most_rows())
        tables = self.vectors, self.outputs
        before = [_read(table, rows) for table in tables]
        compute = functools.partial(self._compute, before, tf.constant(rate, "float32"))
        done = list(self._threads.map(compute, drawn))
        if rate:
            after = [each.vectors for each in done], [each.outputs for each in done]
            merge = functools.partial(self._merge, rows=rows)
            list(self._threads.map(merge, tables, before, after))
        sums = sum(np.array([each.loss, each.pairs], "float64") for each in done)
        self._sums.value.assign_add(sums)
        return bool(np.isfinite(sums).all())

    def _most_rows(self) -> int:
        """Rows of a table that a step uses, at most."""
        if self._tree:  # the paths to its words may come by any node
            return len(self._keep)
        return SHARDS * self._blocks * SIZE * (GROUP + SHARED) // GROUP + 1

    def _compute(self, tables: Any, rate: tf.Tensor, blocks: Blocks) -> Update:
        # Padded to a fixed number, for which the function is compiled.
        padded = Blocks(
            *(np.resize(array, (self._blocks, *array.shape[1:])) for array in blocks)
        )
        count = tf.constant(len(blocks.words))
        return self._shard(*tables, padded, count, rate, *self._tree)


def _generator(seed: Sequence[int], shard: int) -> np.random.Generator:
    return np.random.default_rng((*seed, shard))


def _read(table: keras.Variable, rows: np.ndarray | None) -> tf.Tensor:
    value = tf.convert_to_tensor(table.value)
    return value if rows is None else tf.gather(value, rows)


def used_rows(
    drawn: Sequence[Blocks], size: int, most: int
) -> tuple[np.ndarray | None, Sequence[Blocks]]:
    """Returns the rows of a large table that a step uses, and its blocks as places.

    Args:
        drawn: The blocks of a step.
        size: Number of all rows.
        most: Number of rows that a step uses, at most.

    Returns:
        None and the blocks as they are for a table that is not larger than `most`, else
        the numbers of `most` rows, and the blocks with places among these.
    """
    if size <= most:
        return None, drawn
    is_used = np.zeros(size, bool)
    for blocks in drawn:
        is_used[blocks.words] = True
        is_used[blocks.negatives] = True
    used = np.flatnonzero(is_used)
    places = np.zeros(size, "int32")
    places[used] = np.arange(len(used), dtype="int32")
    found = [
        blocks._replace(words=places[blocks.words], negatives=places[blocks.negatives])
        for blocks in drawn
    ]
    # Rows that fill it up are not changed.
    return np.pad(used, (0, most - len(used))), found


class Feed:
    """The text of a split, read in its order.

    Args:
        engine: Runs the steps.
        split: With token ids as `x`.
    """

    def __init__(self, engine: Engine, split: Split) -> None:
        self.engine = engine
        self.words = split.x
        self.samples = len(split.x)
        self._size = engine.batch_size
        self._thread = ThreadPoolExecutor(1)

    def variables(self) -> list[keras.Variable]:
        """Returns what a checkpoint has to keep: nothing."""
        return []

    def begin(self, seed: int, epoch: int) -> None:
        """Starts an epoch, in which everything is drawn anew."""
        self._position = seed, epoch

    def train(self, first: int, stop: int) -> Outcome:
        """Runs steps of the epoch, up to one whose loss is not finite."""
        optimizer = self.engine.model.optimizer
        for step, blocks in self._drawn(range(first, stop), self._position):
            finite = self.engine.run(blocks, float(self.engine.rate()))
            optimizer.iterations.value.assign_add(1)
            if not finite:
                return Outcome(step + 1, self.engine.means(), False)
        return Outcome(stop, self.engine.means(), True)

    def score(self) -> dict[str, float]:
        """Returns the mean loss, with the same draws in each call."""
        self.engine.start_means()
        steps = range(-(-self.samples // self._size))
        for _, blocks in self._drawn(steps, (0, _SCORED)):
            self.engine.run(blocks, 0.0)
        return self.engine.means()

    def _drawn(
        self, steps: range, position: tuple[int, int]
    ) -> Iterator[tuple[int, list[Blocks]]]:
        """Draws each step while the one before it is computed."""
        ahead: tuple[int, Future] | None = None
        for step in steps:
            words = np.asarray(self.words[step * self._size : (step + 1) * self._size])
            seed = *position, step
            following = step, self._thread.submit(self.engine.draw, words, seed)
            if ahead is not None:
                yield ahead[0], ahead[1].result()
            ahead = following
        if ahead is not None:
            yield ahead[0], ahead[1].result()
