"""Shuffled batches whose order depends on the seed and the epoch alone."""

import math

import keras
import numpy as np

from zoo.datasets import Split


class ShuffledBatches(keras.utils.PyDataset):
    """Serves `split` in batches, in a new order each epoch.

    The order of epoch `e` is drawn from `(seed, e)`, so a resumed run sees the
    batches that the uninterrupted one would have seen.

    Args:
        split: Samples and labels.
        batch_size: Samples in a batch; the last one holds the rest.
        seed: Of the order.
        epoch: The first epoch to serve, from 0.
    """

    def __init__(
        self, split: Split, batch_size: int, *, seed: int, epoch: int = 0
    ) -> None:
        super().__init__()
        self.split = split
        self.batch_size = batch_size
        self.seed = seed
        self.epoch = epoch
        self._order = self._draw()

    def __len__(self) -> int:
        return math.ceil(len(self.split.y) / self.batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        start = index * self.batch_size
        chosen = self._order[start : start + self.batch_size]
        return self.split.x[chosen], self.split.y[chosen]

    def on_epoch_end(self) -> None:
        """Draws the order of the next epoch."""
        self.epoch += 1
        self._order = self._draw()

    def _draw(self) -> np.ndarray:
        generator = np.random.default_rng((self.seed, self.epoch))
        return generator.permutation(len(self.split.y))
