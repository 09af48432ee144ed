"""A training split of few samples, to see what a model needs of them."""

import dataclasses

import numpy as np

from zoo.datasets.dataset import SPLIT_SEED, Dataset, Split
from zoo.errors import DatasetError


def keep_labelled(data: Dataset, count: int) -> Dataset:
    """Keeps a number of training samples, as many of each class as can be.

    They are drawn with the seed of the splits: the same at each call, and those of a
    smaller count are among those of a larger one. Validation and test stay.

    Args:
        data: For classification.
        count: Of the samples.

    Raises:
        DatasetError: If it is for another task, or there are fewer samples or more
            classes.
    """
    if data.task != "classification":
        raise DatasetError(
            f"`labelled` has no meaning for {data.name}, which is for "
            f"{data.task.replace('_', ' ')}; leave it out."
        )
    if not data.num_classes <= count <= len(data.train.y):
        raise DatasetError(
            f"{data.name} has {len(data.train.y):,} training samples of "
            f"{data.num_classes} classes; `labelled` must be between these. Received: "
            f"{count}"
        )
    mixed = np.random.default_rng(SPLIT_SEED).permutation(len(data.train.y))
    classes = data.train.y[mixed]
    # The first of each class come before the second ones.
    turn = np.empty(len(mixed), int)
    for k in range(data.num_classes):
        turn[classes == k] = np.arange((classes == k).sum())
    chosen = np.sort(mixed[np.argsort(turn, kind="stable")[:count]])
    train = Split(data.train.x[chosen], data.train.y[chosen])
    return dataclasses.replace(data, train=train, groups={})
