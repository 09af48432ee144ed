"""Pooling in double precision."""

import numpy as np

from .convolution import windows


def max_pool(x, size, strides, padding="valid"):
    return windows(x, size, strides, padding, fill=-np.inf).max(axis=(3, 4))


def average_pool(x, size, strides, padding="valid"):
    return np.nanmean(windows(x, size, strides, padding, fill=np.nan), axis=(3, 4))


def max_pool_1d(x, size, strides, padding="valid"):
    return max_pool(x[:, :, None], (size, 1), (strides, 1), padding)[:, :, 0]


def average_pool_1d(x, size, strides, padding="valid"):
    return average_pool(x[:, :, None], (size, 1), (strides, 1), padding)[:, :, 0]


def masked_mean(x, mask=None):
    kept = np.ones(x.shape[:2]) if mask is None else mask
    return np.einsum("btc,bt->bc", x, kept) / kept.sum(axis=1, keepdims=True)
