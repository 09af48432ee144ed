"""Feeds samples to the engine: all in device memory, or streamed in blocks."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import keras
import numpy as np

from zoo.config import Recipe
from zoo.datasets import Dataset, Split
from zoo.datasets.storage import BLOCK_BYTES, fits
from zoo.runs.order import permutation
from zoo.training.control import experience_for, updates_per_epoch
from zoo.training.control.experience import Validation


def fits_in_memory(engine: Any, split: Split) -> bool:
    """Whether what an engine copies fits in memory and nothing is memory-mapped."""
    arrays = keras.tree.flatten(tuple(split))
    is_mapped = any(isinstance(array, np.memmap) for array in arrays)
    return not is_mapped and fits(engine.copied_bytes(split))


def feed_for(
    engine: Any, split: Split, *, in_memory: bool | None = None
) -> "InMemory | Streamed":
    """Returns the feed of a split: in memory where it fits, or as `in_memory` says."""
    if in_memory is None:
        in_memory = fits_in_memory(engine, split)
    return (InMemory if in_memory else Streamed)(engine, split)


def feeds_for(
    engine: Any,
    data: Dataset,
    recipe: Recipe,
    all_of: Callable[[bool], bool] = bool,
) -> tuple[Any, Any]:
    """Returns the feeds of training and of validation.

    Args:
        engine: Engine that runs the steps.
        data: The dataset.
        recipe: How the model is trained.
        all_of: Whether all workers say yes; they stay in step only if all keep the
            samples in memory or all stream.
    """
    if data.environment is not None:
        training = experience_for(engine, data, recipe)
        return training, Validation(engine.model, data, recipe)
    if data.task == "embedding":
        return engine.feed(data.train), engine.feed(data.validation)
    train, validation = (
        feed_for(engine, split, in_memory=all_of(fits_in_memory(engine, split)))
        for split in (data.train, data.validation)
    )
    return train, validation


def steps_per_epoch(data: Dataset, recipe: Recipe) -> int:
    """Returns the number of optimizer steps in an epoch."""
    if data.environment is not None:
        return updates_per_epoch(data, recipe)
    return -(-len(data.train.y) // recipe.batch_size)


class InMemory:
    """Keeps a copy of the samples in device memory; an epoch only sends indices.

    Args:
        engine: Engine that runs the steps.
        split: Samples and targets.
    """

    def __init__(self, engine: Any, split: Split) -> None:
        self.engine = engine
        self.samples = len(split.y)
        self._data = engine.place(split)

    def variables(self) -> list[Any]:
        """Returns what a checkpoint has to keep: nothing."""
        return []

    def begin(self, seed: int, epoch: int) -> None:
        """Starts an epoch with its order of the samples."""
        self._order = self.engine.order(permutation(seed, epoch, self.samples))

    def train(self, first: int, stop: int) -> Any:
        """Runs steps of the epoch; see `Engine.train`."""
        return self.engine.train(self._data, self._order, first, stop)

    def score(self) -> dict[str, float]:
        """Returns loss and metrics over all samples."""
        self.engine.start_means()
        return self.engine.score(self._data, self.samples)


class Streamed:
    """Reads the samples of a few steps at a time and prefetches the next ones.

    Args:
        engine: Engine that runs the steps.
        split: Samples and targets, read block by block.
    """

    def __init__(self, engine: Any, split: Split) -> None:
        self.engine = engine
        self.split = split
        self.samples = len(split.y)
        arrays = keras.tree.flatten(tuple(split))
        sample_bytes = sum(array.nbytes for array in arrays) / self.samples
        self._steps = max(1, int(BLOCK_BYTES / sample_bytes / engine.batch_size))
        self._block = -1

    def variables(self) -> list[Any]:
        """Returns what a checkpoint has to keep: nothing."""
        return []

    def begin(self, seed: int, epoch: int) -> None:
        """Starts an epoch with its order of the samples."""
        self._permutation = permutation(seed, epoch, self.samples)
        self._block = -1

    def train(self, first: int, stop: int) -> Any:
        """Runs steps of the epoch, at most those of one block."""
        block = first // self._steps
        if block != self._block:
            if block != self._block + 1 or self._block < 0:
                self._blocks = self._read(self._permutation, block)
            part = next(self._blocks)
            self._data = self.engine.place(part)
            self._order = self.engine.order(np.arange(len(part.y)))
            self._block = block
        start = block * self._steps
        last = min(stop - start, self._steps)
        outcome = self.engine.train(self._data, self._order, first - start, last)
        return outcome._replace(step=outcome.step + start)

    def score(self) -> dict[str, float]:
        """Returns loss and metrics over all samples."""
        self.engine.start_means()
        logs = {}
        for part in self._read(np.arange(self.samples), 0):
            logs = self.engine.score(self.engine.place(part), len(part.y))
        return logs

    def _read(self, order: np.ndarray, first: int) -> Iterator[Split]:
        """Reads the blocks of an order from block `first` on, with prefetching."""
        size = self._steps * self.engine.batch_size
        starts = range(first * size, self.samples, size)

        def blocks() -> Iterator[list[np.ndarray]]:
            for start in starts:
                # Files are read fastest from front to back.
                chosen = order[start : start + size]
                by_place = np.argsort(chosen, kind="stable")
                back = np.argsort(by_place, kind="stable")
                yield [
                    np.asarray(array[chosen[by_place]])[back]
                    for array in keras.tree.flatten(tuple(self.split))
                ]

        for arrays in _ahead(blocks, keras.tree.flatten(tuple(self.split))):
            packed = keras.tree.pack_sequence_as(tuple(self.split), arrays)
            yield type(self.split)(*packed)


def _ahead(blocks: Any, like: list[np.ndarray]) -> Iterator[list[np.ndarray]]:
    """Computes the next block while the current one is in use."""
    if keras.backend.backend() != "tensorflow":
        yield from _ahead_in_a_thread(blocks())
        return
    import tensorflow as tf

    signature = tuple(tf.TensorSpec((None, *a.shape[1:]), a.dtype) for a in like)
    stream = tf.data.Dataset.from_generator(
        lambda: map(tuple, blocks()), output_signature=signature
    )
    for tensors in stream.prefetch(1).as_numpy_iterator():
        yield list(tensors)


def _ahead_in_a_thread(blocks: Iterator[Any]) -> Iterator[Any]:
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, blocks, None)
        while (block := coming.result()) is not None:
            coming = thread.submit(next, blocks, None)
            yield block
