"""Rows of metrics."""

import numpy as np

import custom_layers as cl

from ..table import MetricRow

_RNG = np.random.default_rng(19)
_TOKENS = np.array([[0, 1, 2, -1], [2, -1, -1, -1], [1, 0, 2, 2]] * 2)
_LOGITS = _RNG.normal(size=(6, 4, 3))


def _token_accuracy(y, p, weight, ignore_class=-1):
    weights = (y != ignore_class) * weight[:, None]
    return (weights * (p.argmax(axis=-1) == y)).sum() / weights.sum()


METRICS = [
    MetricRow(cl.metrics.TokenAccuracy, None, _token_accuracy, kwargs, tokens, _LOGITS)
    for kwargs, tokens in (({}, _TOKENS), ({"ignore_class": 2}, np.abs(_TOKENS)))
]
