"""Activations in double precision."""

import math

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


def elu(x, alpha=1.0):
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def softplus(x):
    return np.logaddexp(0, x)


def gelu(x, approximate=False):
    if approximate:
        return x / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))
    return x / 2 * (1 + np.vectorize(math.erf)(x / np.sqrt(2)))


def unit_step(x):
    return (x >= 0).astype("float64")


def heaviside(x, value_at_zero=0.5):
    return np.heaviside(x, value_at_zero)


def sign_threshold(x):
    return np.where(x < 0, -1.0, 1.0)


def stair_step(x, width=1.0, height=1.0):
    return np.floor(x / width) * height


def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def masked_softmax(x, mask, axis=-1):
    e = np.exp(x) * mask
    return e / np.maximum(e.sum(axis=axis, keepdims=True), 1e-30)


def prelu(x, alpha):
    return np.maximum(x, 0) + alpha * np.minimum(x, 0)
