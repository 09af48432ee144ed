"""Losses of a batch: of classes, and of 28 x 28 pixels."""

import numpy as np

from benchmarks.cases import LossCase

_RNG = np.random.default_rng(1)
_PIXELS = (128, 784)


def _logits(*shape):
    return _RNG.normal(size=shape)


def _shares(*shape):
    exponentials = np.exp(_logits(*shape))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


def _probabilities(*shape):
    return 1 / (1 + np.exp(-_logits(*shape)))


def _signs(*shape):
    return np.sign(_logits(*shape))


def _categorical(samples, classes, from_logits):
    draw = _logits if from_logits else _shares
    labels = _RNG.integers(0, classes, size=samples)
    kwargs = {"from_logits": from_logits}
    predictions = draw(samples, classes)
    one_hot = np.eye(classes, dtype="float32")[labels]
    return [
        LossCase("CategoricalCrossentropy", one_hot, predictions, kwargs),
        LossCase(
            "SparseCategoricalCrossentropy",
            labels.astype("int32"),
            predictions,
            kwargs,
        ),
    ]


CASES = [
    LossCase("MeanSquaredError", _logits(*_PIXELS), _logits(*_PIXELS)),
    LossCase("MeanAbsoluteError", _logits(*_PIXELS), _logits(*_PIXELS)),
    LossCase("BinaryCrossentropy", _probabilities(*_PIXELS), _probabilities(*_PIXELS)),
    LossCase(
        "BinaryCrossentropy",
        _probabilities(*_PIXELS),
        _logits(*_PIXELS),
        {"from_logits": True},
    ),
    *_categorical(128, 10, True),
    *_categorical(128, 10, False),
    *_categorical(64, 1000, True),
    *_categorical(64, 1000, False),
    *_categorical(32 * 50, 5000, True),
    LossCase("Hinge", _signs(*_PIXELS), _logits(*_PIXELS)),
    LossCase("SquaredHinge", _signs(*_PIXELS), _logits(*_PIXELS)),
    LossCase("CategoricalHinge", np.eye(1000)[:64], _logits(64, 1000)),
    LossCase("KLDivergence", _shares(*_PIXELS), _shares(*_PIXELS)),
]
