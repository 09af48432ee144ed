"""Activations in double precision."""

import numpy as np


def identity(x):
    return x


def relu(x, negative_slope=0.0, max_value=None, threshold=0.0):
    y = np.where(x > threshold, x, negative_slope * (x - threshold))
    return y if max_value is None else np.where(x >= max_value, max_value, y)


def sigmoid(x):
    return np.where(
        x >= 0,
        1 / (1 + np.exp(-np.abs(x))),
        np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x))),
    )


def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)
