"""A part of the training split, on which a model is scored as at inference."""

import dataclasses

import numpy as np

from zoo.datasets import Dataset, Split

MOST = 1_000


def training_sample(data: Dataset) -> Dataset | None:
    """Returns the data with samples of the training split in place of the test split.

    Training reports figures of other weights at each step, with dropout, augmentation
    and the statistics of each batch; these are of the trained model as it is used. They
    distinguish overfitting from underfitting, and from moving statistics of
    `BatchNormalization` that a short training left behind.

    Args:
        data: As its task prepared it.

    Returns:
        Samples at even distances, as many as the test split has, at most 1,000; None
        of what is no array.
    """
    x, y = data.train.x, data.train.y
    if not (isinstance(x, np.ndarray) and isinstance(y, np.ndarray)):
        return None
    if not 0 < len(x) == len(y):
        return None
    count = min(len(x), len(data.test.x), MOST)
    chosen = np.linspace(0, len(x) - 1, count).round().astype(int)
    return dataclasses.replace(data, test=Split(x[chosen], y[chosen]))
