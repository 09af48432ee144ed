"""Rows of layers that take raw measurements."""

from functools import partial

import keras
import numpy as np

import custom_layers as cl

from ..oracles import preprocessing as oracle
from ..table import LayerRow

_RESCALING = partial(LayerRow, cl.Rescaling, keras.layers.Rescaling)
_NORMALIZATION = partial(LayerRow, cl.Normalization, keras.layers.Normalization)
_MIN_MAX = partial(LayerRow, cl.MinMaxScaling, None)
_MISSING = partial(LayerRow, cl.MissingValues, None)


def _statistics(shapes, rng):
    mean, variance, count = shapes
    return [rng.normal(size=mean), rng.uniform(0.5, 2, size=variance), np.zeros(count)]


def _adapted(x, mean, variance, count):
    return oracle.normalize(x, mean, variance)


def _adapted_first_axis(x, mean, variance, count):
    return oracle.normalize(x, mean[:, None], variance[:, None], invert=True)


def _extremes(shapes, rng):
    minimum, maximum = shapes
    low = rng.normal(size=minimum)
    return [low, low + rng.uniform(0.5, 2, size=maximum)]


def _constant_feature(shapes, rng):
    minimum, maximum = _extremes(shapes, rng)
    maximum[1] = minimum[1]
    return [minimum, maximum]


def _some_missing(rng, shape):
    x = rng.normal(size=shape)
    x[0, 1] = x[-1, -1] = np.nan
    return x


def _with_flags(x, fill):
    return np.concatenate([oracle.fill_in(x, fill), np.isnan(x)], axis=-1)


_TABLE = [
    {"name": "age", "kind": "number", "has_missing": True},
    {"name": "sex", "kind": "category", "categories": ["f", "m"], "has_missing": True},
    {"name": "alone", "kind": "boolean"},
    {"name": "born", "kind": "date", "has_missing": True},
    {"name": "seen", "kind": "date", "has_times": True},
    {"name": "city", "kind": "category", "categories": list("abcde")},
]
_CITIES = {"columns": _TABLE, "one_hot_limit": 4}


def _cells(rng, shape):
    rows = len(np.empty(shape))
    x = np.stack(
        [
            rng.normal(40, 10, size=rows),
            rng.integers(-1, 2, size=rows),
            rng.integers(0, 2, size=rows),
            rng.integers(-3000, 20000, size=rows),
            rng.uniform(-30, 200, size=rows),
            rng.integers(-1, 5, size=rows),
        ],
        axis=1,
    )
    x[0, [0, 1, 3]] = np.nan
    return x


def _table_weights(shapes, rng):
    *embeddings, mean, variance = shapes
    return [
        *[rng.normal(size=shape) for shape in embeddings],
        rng.normal(size=mean),
        rng.uniform(0.5, 2, size=variance),
    ]


_ENCODING = partial(
    LayerRow, cl.TableEncoding, None, shape=(4, 6), draw=_cells, weights=_table_weights
)

LAYERS = [
    _RESCALING(lambda x: x * 0.25 - 1, {"scale": 0.25, "offset": -1}),
    _RESCALING(
        lambda x: x * [1, 2, 3, 4, 5], {"scale": np.array([1.0, 2.0, 3.0, 4.0, 5.0])}
    ),
    _NORMALIZATION(_adapted, weights=_statistics),
    _NORMALIZATION(
        _adapted_first_axis,
        {"axis": (-2,), "invert": True},
        shape=(3, 4, 5),
        weights=_statistics,
    ),
    _NORMALIZATION(
        partial(oracle.normalize, mean=0.5, variance=4.0),
        {"axis": None, "mean": 0.5, "variance": 4.0},
    ),
    _NORMALIZATION(
        partial(oracle.normalize, mean=np.arange(5.0), variance=np.arange(1.0, 6.0)),
        {"mean": [0.0, 1.0, 2.0, 3.0, 4.0], "variance": [1.0, 2.0, 3.0, 4.0, 5.0]},
    ),
    _MIN_MAX(oracle.min_max, weights=_extremes),
    _MIN_MAX(
        partial(oracle.min_max, low=-1.0, high=3.0),
        {"feature_range": (-1, 3)},
        weights=_constant_feature,
    ),
    _MIN_MAX(
        lambda x, low, high: oracle.min_max_inverse(
            x, low[:, None], high[:, None], low=2.0, high=3.0
        ),
        {"axis": -2, "feature_range": (2, 3), "invert": True},
        shape=(2, 3, 4),
        weights=_extremes,
    ),
    _MIN_MAX(
        partial(oracle.min_max, minimum=0.0, maximum=255.0),
        {"axis": None, "minimum": 0, "maximum": 255},
        shape=(2, 4, 4, 3),
    ),
    _MISSING(oracle.fill_in, draw=_some_missing),
    _MISSING(_with_flags, {"indicator": True, "axis": None}, draw=_some_missing),
    _MISSING(
        partial(oracle.fill_in, fill=np.arange(5.0)),
        {"fill": [0.0, 1.0, 2.0, 3.0, 4.0]},
        draw=_some_missing,
    ),
    _MISSING(
        partial(_with_flags, fill=-1.0),
        {"fill": -1.0, "indicator": True},
        shape=(2, 3, 4),
        draw=_some_missing,
    ),
    _ENCODING(partial(oracle.encode_table, columns=_TABLE), {"columns": _TABLE}),
    _ENCODING(partial(oracle.encode_table, **_CITIES), _CITIES),
]
