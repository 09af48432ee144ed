"""Layers that take raw measurements."""

import keras
import numpy as np
from keras import ops

from benchmarks.cases import LayerCase


class ToTheRange(keras.layers.Layer):
    """The formula of numbers that are given."""

    def __init__(self, minimum, maximum):
        super().__init__()
        self.minimum, self.maximum = minimum, maximum

    def call(self, x):
        return (x - self.minimum) / (self.maximum - self.minimum)


class FilledAndFlagged(keras.layers.Layer):
    """A selection, and the flags behind it."""

    def __init__(self, fill, indicator):
        super().__init__()
        self.fill = fill

    def call(self, x):
        missing = ops.isnan(x)
        filled = ops.where(missing, self.fill, x)
        return ops.concatenate([filled, ops.cast(missing, x.dtype)], axis=-1)


class ColumnByColumn(keras.layers.Layer):
    """Each column on its own: standardized, flagged, or one-hot."""

    def __init__(self, columns):
        super().__init__()
        self.columns = columns

    def build(self, shape):
        self.scales = [keras.layers.Normalization(mean=0, variance=1) for _ in range(8)]

    def call(self, x):
        numbers, flags, categories = [], [], []
        for k, scale in enumerate(self.scales):
            missing = ops.isnan(x[:, k : k + 1])
            numbers.append(ops.where(missing, 0.0, scale(x[:, k : k + 1])))
            flags.append(ops.cast(missing, "float32"))
        for k in range(8, 12):
            categories.append(ops.one_hot(ops.cast(x[:, k], "int32"), 10))
        return ops.concatenate([*numbers, *flags, *categories], axis=-1)


_COLUMNS = [
    *({"name": f"n{k}", "kind": "number", "has_missing": True} for k in range(8)),
    *(
        {"name": f"c{k}", "kind": "category", "categories": [*"abcdefghij"]}
        for k in range(4)
    ),
]


def _with_gaps(rng, shape):
    x = rng.normal(size=shape)
    return np.where(rng.uniform(size=shape) < 0.1, np.nan, x)


def _table(rng, shape):
    numbers = _with_gaps(rng, (shape[0], 8))
    return np.concatenate([numbers, rng.integers(0, 10, (shape[0], 4))], axis=-1)


CASES = [
    LayerCase(
        "MinMaxScaling",
        {"minimum": 0.0, "maximum": 255.0},
        (64, 32, 32, 3),
        peer=ToTheRange,
    ),
    LayerCase(
        "MissingValues",
        {"fill": 0.0, "indicator": True},
        (1024, 64),
        draw=_with_gaps,
        peer=FilledAndFlagged,
        differentiable=False,
    ),
    LayerCase(
        "TableEncoding",
        lambda _: {"columns": _COLUMNS},
        (1024, 12),
        draw=_table,
        peer=ColumnByColumn,
        differentiable=False,
    ),
    LayerCase("Rescaling", {"scale": 1 / 255}, (64, 32, 32, 3)),
    LayerCase("Rescaling", {"scale": 1 / 127.5, "offset": -1.0}, (64, 32, 32, 3)),
    LayerCase("Normalization", {}, (256, 784)),
    LayerCase(
        "Normalization",
        {"mean": [0.48, 0.45, 0.41], "variance": [0.05, 0.05, 0.05]},
        (64, 32, 32, 3),
    ),
]
