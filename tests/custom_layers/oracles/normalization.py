"""Normalization layers in double precision."""

import numpy as np


def batch_norm(x, gamma, beta, mean, variance, epsilon=1e-3):
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta


def layer_norm(x, gamma=1.0, beta=0.0, axes=(-1,), epsilon=1e-3):
    mean, variance = (f(x, axis=axes, keepdims=True) for f in (np.mean, np.var))
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta


def deviation_scaling(x, gamma, epsilon=1e-3):
    return gamma * x / np.sqrt(x.var(axis=-1, keepdims=True) + epsilon)
