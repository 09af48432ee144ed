"""Statistics of the inputs of a training, with which others are compared."""

import numpy as np

from zoo.datasets.dataset import Dataset
from zoo.input_statistics import InputStatistics, measure

_MOST_FEATURES = 1_000  # that are measured each by itself
# Of shares, scikit-learn's digits, and bytes.
LARGEST_PIXELS = (1.0, 16.0, 255.0)


def measured_inputs(data: Dataset) -> InputStatistics | None:
    """Measures the training split as a model sees it.

    The features of tables are measured each by itself, pictures and sequences as a
    whole. Token ids and categories have no scale, a forecaster scales each window by
    itself, and an agent that has learned sees other states than random actions lead to.

    Args:
        data: Encoded by its task.
    """
    is_played = data.environment is not None
    if data.vocabulary is not None or data.task == "forecasting" or is_played:
        return None
    x = data.train.x
    if data.columns:
        # The ids of categories are no quantities, nor has a date a range to keep.
        others = np.array([column.kind != "number" for column in data.columns])
        names = [column.name for column in data.columns]
        return measure(np.where(others, np.nan, x), by_feature=True, names=names)
    is_table = x.ndim == 2 and x.shape[1] <= _MOST_FEATURES
    return measure(x, by_feature=is_table)


def largest_pixel(data: Dataset) -> float | None:
    """Returns the largest value that the pixels of a training can have.

    Where they were not read from picture files it is the smallest of those that are
    usual which no pixel exceeds; None where `x` holds no pictures, or others.

    Args:
        data: Encoded by its task.
    """
    x = data.train.x
    if data.largest_pixel is not None or x.ndim != 4 or x.dtype.kind not in "biuf":
        return data.largest_pixel
    if x.min() < 0:
        return None
    brightest = float(x.max())
    return next((usual for usual in LARGEST_PIXELS if brightest <= usual), None)
