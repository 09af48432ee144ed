"""Neurons in double precision."""

import numpy as np

from .dense import dense


def fires(x, kernel, bias=0.0):
    return np.where(dense(x, kernel, bias) >= 0, 1.0, 0.0)


def fires_or_inhibits(x, kernel, bias=0.0):
    return 2 * fires(x, kernel, bias) - 1


def maxout(x, kernel, bias=0.0, pieces=2):
    sums = dense(x, kernel, bias)
    return np.stack(np.split(sums, pieces, axis=-1)).max(axis=0)


def rbf(x, centers, log_gamma):
    difference = x[..., None, :] - centers
    return np.exp(-np.exp(log_gamma) * (difference**2).sum(axis=-1))
