"""Preprocessing in double precision."""

import math

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


def encode_table(x, *weights, columns, one_hot_limit=64):
    """Row by row, and column by column."""
    *embeddings, mean, variance = weights
    scaled, flags, cycles, categories = [], [], {365.2425: [], 7.0: [], 1.0: []}, []
    for place, (column, values) in enumerate(zip(columns, x.T, strict=True)):
        gone = np.isnan(values)
        if column.get("has_missing"):
            flags.append(gone)
        if column["kind"] == "category":
            size = len(column["categories"])
            table = np.eye(size) if size <= one_hot_limit else embeddings.pop(0)
            rows = [
                np.zeros(table.shape[1]) if math.isnan(i) or i < 0 else table[round(i)]
                for i in values
            ]
            categories.append(np.array(rows).T)
            continue
        z = (values - mean[place]) / np.sqrt(variance[place])
        scaled.append(np.where(gone, 0, z))
        if column["kind"] == "date":
            for period, found in cycles.items():
                if period != 1 or column.get("has_times"):
                    angle = 2 * np.pi * values / period
                    both = np.sin(angle), np.cos(angle)
                    found.append([np.where(gone, 0, each) for each in both])
    places = [
        np.array(found)[:, i] for found in cycles.values() if found for i in (0, 1)
    ]
    parts = [np.array(scaled), np.array(flags), *places, *categories]
    return np.concatenate([part for part in parts if len(part)]).T
