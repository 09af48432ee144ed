"""Losses in double precision."""

import numpy as np

from .activations import sigmoid, softmax

EPSILON = 1e-7


def mean_squared_error(y, p):
    return ((y - p) ** 2).mean(axis=-1)


def _clip(p):
    return np.clip(p, EPSILON, 1 - EPSILON)


def binary_crossentropy(y, p, from_logits=False, label_smoothing=0.0, axis=-1):
    p = sigmoid(p) if from_logits else _clip(p)
    y = y * (1 - label_smoothing) + label_smoothing / 2
    return -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean(axis=axis)


def categorical_crossentropy(y, p, from_logits=False, label_smoothing=0.0, axis=-1):
    p = softmax(p, axis) if from_logits else _clip(p / p.sum(axis=axis, keepdims=True))
    y = y * (1 - label_smoothing) + label_smoothing / y.shape[axis]
    return -(y * np.log(p)).sum(axis=axis)


def sparse_categorical_crossentropy(
    y, p, from_logits=False, ignore_class=None, axis=-1
):
    p = softmax(p) if from_logits else _clip(p / p.sum(axis=-1, keepdims=True))
    counted = y != ignore_class
    index = np.where(counted, y, 0).astype(int)
    chosen = np.take_along_axis(p, index[..., None], axis=-1)[..., 0]
    return np.where(counted, -np.log(chosen), 0)
