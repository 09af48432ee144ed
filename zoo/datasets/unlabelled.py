"""Datasets of samples without labels, for autoencoders."""

import numpy as np

from zoo.datasets.dataset import (
    SPLIT_SEED,
    Dataset,
    Split,
    check_samples,
    divide,
    given_splits,
)
from zoo.datasets.finding import Finding
from zoo.datasets.storage import Samples
from zoo.errors import DatasetError

_OF_IMAGES = Finding("unlabelled", "samples without labels, which an autoencoder takes")
_NO_IMAGES = Finding(
    "unlabelled",
    "samples without labels, and no images, of which an autoencoder of the zoo learns",
    "name labels or quantities y",
    "warning",
)


def make_unlabelled_dataset(
    name: str,
    train: np.ndarray | Samples,
    test: np.ndarray | Samples | None = None,
    validation: np.ndarray | Samples | None = None,
    *,
    test_share: float = 0.2,
    validation_share: float = 0.1,
) -> Dataset:
    """Checks samples, and draws the missing splits from `train`.

    Args:
        name: Of the dataset.
        train: All samples, or those of the training split.
        test: Those of the test split, where there is one.
        validation: Those of the validation split, where there is one.
        test_share: Fraction of `train` to split off for a missing `test`.
        validation_share: Fraction of the rest to split off for a missing `validation`.

    Raises:
        DatasetError: If samples are no numbers, or too few.

    Example:

    >>> data = make_unlabelled_dataset("noise", np.random.rand(10, 4, 4, 1))
    >>> data.task, len(data.train.x), data.labels
    ('reconstruction', 7, ())
    """
    held_out = (None if x is None else _without_labels(x) for x in (test, validation))
    given = given_splits(name, _without_labels(train), *held_out)
    for part, split in given.items():
        check_samples(f"{name} ({part})", split, train.shape[1:])
    missing = 3 - len(given)
    if len(train) < 1 + missing:
        raise DatasetError(f"{name}: {len(train)} samples are too few to divide.")
    rows = {part: np.arange(len(split.y)) for part, split in given.items()}
    shares = {"test": test_share, "validation": validation_share}
    divided = divide(name, given, rows, shares, draw)
    found = _OF_IMAGES if len(train.shape) == 4 else _NO_IMAGES
    return Dataset.of(
        name, divided, labels=(), task="reconstruction", findings=(found,)
    )


def draw(rows: np.ndarray, share: float) -> tuple[np.ndarray, np.ndarray]:
    """Draws a fraction of the rows at random: those that stay, and the others."""
    mixed = np.random.default_rng(SPLIT_SEED).permutation(len(rows))
    count = max(1, round(share * len(rows)))
    return np.sort(mixed[count:]), np.sort(mixed[:count])


def _without_labels(x: np.ndarray | Samples) -> Split:
    return Split(x, np.empty((len(x), 0), "float32"))  # pyright: ignore
