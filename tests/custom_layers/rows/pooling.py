"""Rows of pooling layers."""

from functools import partial

import keras
import numpy as np

import custom_layers as cl

from ..oracles import pooling as oracle
from ..oracles.convolution import channels_first
from ..table import LayerRow

_MAX = partial(LayerRow, cl.MaxPooling2D, keras.layers.MaxPooling2D, shape=(2, 7, 6, 3))
_MEAN = partial(
    LayerRow, cl.AveragePooling2D, keras.layers.AveragePooling2D, shape=(2, 7, 6, 3)
)
_MAX_1D = partial(LayerRow, cl.MaxPooling1D, keras.layers.MaxPooling1D, shape=(2, 7, 3))
_MEAN_1D = partial(
    LayerRow, cl.AveragePooling1D, keras.layers.AveragePooling1D, shape=(2, 7, 3)
)
_HALVED = {"size": (2, 2), "strides": (2, 2)}
_UNEVEN = {"size": (3, 2), "strides": (2, 1), "padding": "same"}
_UNEVEN_OPTIONS = {"pool_size": (3, 2), "strides": (2, 1), "padding": "same"}

_FIRST = {"data_format": "channels_first"}


def _global(name, oracle, kwargs, shape, **more):
    ours, theirs = getattr(cl, name), getattr(keras.layers, name)
    return LayerRow(ours, theirs, oracle, kwargs, shape=shape, **more)


def _mask(batch):
    return {"mask": np.arange(batch * 6).reshape(batch, 6) % 5 != 2}


LAYERS = [
    _MAX(partial(oracle.max_pool, **_HALVED)),
    _MAX(partial(oracle.max_pool, **_UNEVEN), _UNEVEN_OPTIONS),
    _MAX(
        channels_first(partial(oracle.max_pool, **_HALVED)),
        {"data_format": "channels_first"},
        shape=(2, 3, 7, 6),
    ),
    _MEAN(partial(oracle.average_pool, **_HALVED), {"pool_size": 2}),
    _MEAN(
        partial(oracle.average_pool, **_UNEVEN),
        _UNEVEN_OPTIONS,
        peer_differs=("torch",),  # counts what lies beyond the border
    ),
    _MAX_1D(partial(oracle.max_pool_1d, size=2, strides=2)),
    _MAX_1D(
        partial(oracle.max_pool_1d, size=3, strides=2, padding="same"),
        {"pool_size": 3, "strides": 2, "padding": "same"},
    ),
    _MEAN_1D(partial(oracle.average_pool_1d, size=2, strides=2), {"pool_size": 2}),
    _MEAN_1D(
        partial(oracle.average_pool_1d, size=3, strides=2, padding="same"),
        {"pool_size": 3, "strides": 2, "padding": "same"},
    ),
    _MEAN_1D(
        channels_first(partial(oracle.average_pool_1d, size=3, strides=1)),
        {"pool_size": 3, "strides": 1, **_FIRST},
        shape=(2, 3, 7),
    ),
    _global("GlobalMaxPooling1D", lambda x: x.max(axis=1), {}, (2, 6, 3)),
    _global("GlobalMaxPooling1D", lambda x: x.max(axis=2), _FIRST, (2, 3, 6)),
    _global("GlobalMaxPooling2D", lambda x: x.max(axis=(1, 2)), {}, (2, 4, 5, 3)),
    _global(
        "GlobalMaxPooling2D",
        lambda x: x.max(axis=(2, 3), keepdims=True),
        {"keepdims": True, **_FIRST},
        (2, 3, 4, 5),
    ),
    _global("GlobalAveragePooling1D", lambda x: x.mean(axis=1), {}, (2, 6, 3)),
    _global("GlobalAveragePooling1D", oracle.masked_mean, {}, (2, 6, 3), call=_mask),
    _global(
        "GlobalAveragePooling1D",
        lambda x, mask: oracle.masked_mean(x.swapaxes(1, 2), mask)[:, :, None],
        {"keepdims": True, **_FIRST},
        (2, 3, 6),
        call=_mask,
    ),
    _global("GlobalAveragePooling2D", lambda x: x.mean(axis=(1, 2)), {}, (2, 4, 5, 3)),
    _global(
        "GlobalAveragePooling2D",
        lambda x: x.mean(axis=(2, 3), keepdims=True),
        {"keepdims": True, **_FIRST},
        (2, 3, 4, 5),
    ),
]
