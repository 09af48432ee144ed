"""Preprocessing in double precision."""

import numpy as np

EPSILON = 1e-7


def normalize(x, mean, variance, invert=False):
    deviation = np.maximum(np.sqrt(variance), EPSILON)
    return x * deviation + mean if invert else (x - mean) / deviation
