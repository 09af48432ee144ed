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


_QUANTITIES = _RNG.normal(size=(6, 2)) * [1.0, 30.0] + [0.0, 5000.0]
_PREDICTIONS = _QUANTITIES + _RNG.normal(size=(6, 2)) * [0.3, 20.0]
_SAME = np.full((6, 1), 7.0)


def _r2(y, p, weight, mean=0, scale=1):
    w = weight[:, None]
    center = (w * y).sum(axis=0) / w.sum()
    variation = (w * (y - center) ** 2).sum(axis=0)
    residual = (w * (y - p) ** 2).sum(axis=0)
    constant = variation < 1e-12
    shares = np.where(constant, residual > 0, residual / (variation + constant))
    return (1 - shares).mean()


METRICS = [
    MetricRow(cl.metrics.TokenAccuracy, None, _token_accuracy, kwargs, tokens, _LOGITS)
    for kwargs, tokens in (({}, _TOKENS), ({"ignore_class": 2}, np.abs(_TOKENS)))
]
METRICS += [
    MetricRow(
        cl.metrics.R2, None, _r2, {"mean": mean, "scale": scale}, targets, predicted
    )
    for mean, scale, targets, predicted in (
        ([0.1, 5001.0], [1.1, 29.0], _QUANTITIES, _PREDICTIONS),
        ([0.0], [1.0], _SAME, _SAME + _PREDICTIONS[:, :1]),
        ([0.0], [1.0], _SAME, _SAME),
    )
]
