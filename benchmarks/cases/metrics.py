"""Metrics of a batch."""

import keras
import numpy as np
from keras import ops

from benchmarks.cases import MetricCase


class AccuracyOfTokens(keras.metrics.SparseCategoricalAccuracy):
    """Keras' accuracy, weighted by what is no padding."""

    def update_state(self, y_true, y_pred):
        super().update_state(y_true, y_pred, ops.cast(y_true != -1, "float32"))


_RNG = np.random.default_rng(1)

CASES = [
    MetricCase(
        "R2",
        _RNG.normal(size=(1024, 4)),
        _RNG.normal(size=(1024, 4)),
        {"mean": [0.0] * 4, "scale": [1.0] * 4},
        peer=keras.metrics.R2Score,
    ),
    MetricCase(
        "TokenAccuracy",
        _RNG.integers(-1, 50, size=(32, 64)),
        _RNG.normal(size=(32, 64, 50)),
        peer=AccuracyOfTokens,
    ),
]
