"""Preprocessing in double precision."""

import numpy as np

EPSILON = 1e-7


def normalize(x, mean, variance, invert=False):
    deviation = np.maximum(np.sqrt(variance), EPSILON)
    return x * deviation + mean if invert else (x - mean) / deviation


def min_max(x, minimum, maximum, low=0.0, high=1.0):
    span = np.where(maximum == minimum, 1.0, np.subtract(maximum, minimum))
    return low + (high - low) * (x - minimum) / span


def min_max_inverse(y, minimum, maximum, low=0.0, high=1.0):
    return minimum + (maximum - minimum) * (y - low) / (high - low)


def fill_in(x, fill):
    return np.where(np.isnan(x), fill, x)
