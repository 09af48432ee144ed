"""Streaming statistics of arrays."""

from collections.abc import Iterable

import numpy as np

# Each array comes with the axes to reduce.
Arrays = Iterable[tuple[np.ndarray, tuple[int, ...]]]


def moments(arrays: Arrays) -> tuple[np.ndarray, np.ndarray]:
    """Merges the means and variances of arrays.

    With `n` elements so far, `m` in the array, and `d` the difference of their
    means, `mean += d m / (n + m)` and
    `variance = (n variance + m new_variance) / (n + m) + d^2 n m / (n + m)^2`.

    Reference:
        Chan, Golub and LeVeque, 1983, Algorithms for computing the sample
        variance.
    """
    total, mean, variance = 0, np.zeros(()), np.zeros(())
    for values, axes in arrays:
        count = int(np.prod([values.shape[axis] for axis in axes]))
        weight = count / (total + count)
        difference = values.mean(axis=axes) - mean
        variance = (1 - weight) * variance + weight * values.var(axis=axes)
        variance = variance + difference**2 * weight * (1 - weight)
        mean = mean + difference * weight
        total += count
    return mean, variance


def extremes(arrays: Arrays) -> tuple[np.ndarray, np.ndarray]:
    """Returns minimum and maximum, NaN excluded."""
    minimum, maximum = np.asarray(np.nan), np.asarray(np.nan)
    for values, axes in arrays:
        minimum = np.fmin(minimum, np.fmin.reduce(values, axis=axes))
        maximum = np.fmax(maximum, np.fmax.reduce(values, axis=axes))
    return minimum, maximum


def means_of_present(arrays: Arrays) -> np.ndarray:
    """Returns the mean of all values but NaN; 0 where all are."""
    total, count = np.zeros(()), np.zeros(())
    for values, axes in arrays:
        total = total + np.nansum(values, axis=axes)
        count = count + np.sum(~np.isnan(values), axis=axes)
    return total / np.maximum(count, 1)


def moments_of_present(arrays: Arrays) -> tuple[np.ndarray, np.ndarray]:
    """Merges means and variances as `moments` does, of all values but NaN.

    Where all are, the mean and the variance are 0.
    """
    total, mean, variance = np.zeros(()), np.zeros(()), np.zeros(())
    for values, axes in arrays:
        present = ~np.isnan(values)
        count = present.sum(axis=axes)
        weight = count / np.maximum(total + count, 1)
        here = np.nansum(values, axis=axes) / np.maximum(count, 1)
        apart = np.where(present, values - np.expand_dims(here, axes), 0)
        spread = (apart**2).sum(axis=axes) / np.maximum(count, 1)
        difference = here - mean
        variance = (1 - weight) * variance + weight * spread
        variance = variance + difference**2 * weight * (1 - weight)
        mean = mean + difference * weight
        total = total + count
    return mean, variance
