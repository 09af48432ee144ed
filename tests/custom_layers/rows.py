"""The table: at least one row for each registered component."""

import math
from functools import partial

import keras
import numpy as np

import custom_layers as cl

from . import oracles
from .table import (
    ActivationRow,
    InitializerRow,
    LayerRow,
    LossRow,
    OptimizerRow,
    statistics,
)

_DENSE = partial(
    LayerRow,
    cl.Dense,
    keras.layers.Dense,
    out_of_scope=frozenset({"lora_rank", "lora_alpha", "quantization_config"}),
)
_CONV = partial(LayerRow, cl.Conv2D, keras.layers.Conv2D, shape=(2, 7, 6, 4))
_MAX = partial(LayerRow, cl.MaxPooling2D, keras.layers.MaxPooling2D, shape=(2, 7, 6, 3))
_MEAN = partial(
    LayerRow, cl.AveragePooling2D, keras.layers.AveragePooling2D, shape=(2, 7, 6, 3)
)
_NORMALIZATION = partial(LayerRow, cl.Normalization, keras.layers.Normalization)


def _relu_dense(x, *weights):
    return oracles.relu(oracles.dense(x, *weights))


def _tanh_conv(x, *weights):
    return np.tanh(oracles.conv(x, *weights, strides=(2, 1), padding="same"))


def _adapted(x, mean, variance, count):
    return oracles.normalize(x, mean, variance)


def _adapted_first_axis(x, mean, variance, count):
    return oracles.normalize(x, mean[:, None], variance[:, None], invert=True)


_PENALTIES = {
    "kernel_regularizer": "l2",
    "bias_regularizer": "l1",
    "activity_regularizer": "l2",
    "kernel_constraint": "max_norm",
    "bias_constraint": "non_neg",
}

LAYERS = [
    _DENSE(_relu_dense, {"units": 4, "activation": "relu"}),
    _DENSE(oracles.dense, {"units": 4, "use_bias": False}, shape=(2, 3, 5)),
    _DENSE(
        oracles.dense, {"units": 4, "kernel_initializer": "he_normal", **_PENALTIES}
    ),
    _CONV(
        _tanh_conv,
        {
            "filters": 3,
            "kernel_size": 3,
            "strides": (2, 1),
            "padding": "same",
            "activation": "tanh",
        },
    ),
    _CONV(
        partial(oracles.conv, dilation=(2, 1)),
        {
            "filters": 3,
            "kernel_size": (2, 3),
            "dilation_rate": (2, 1),
            "use_bias": False,
        },
    ),
    _CONV(
        partial(oracles.conv, groups=2),
        {"filters": 6, "kernel_size": 2, "groups": 2, **_PENALTIES},
    ),
    _CONV(
        oracles.channels_first(partial(oracles.conv, strides=(2, 2))),
        {"filters": 5, "kernel_size": 2, "strides": 2, "data_format": "channels_first"},
        shape=(2, 4, 7, 6),
        precision="float32",
    ),
    _MAX(partial(oracles.max_pool, size=(2, 2), strides=(2, 2))),
    _MAX(
        partial(oracles.max_pool, size=(3, 2), strides=(2, 1), padding="same"),
        {"pool_size": (3, 2), "strides": (2, 1), "padding": "same"},
    ),
    _MAX(
        oracles.channels_first(partial(oracles.max_pool, size=(2, 2), strides=(2, 2))),
        {"data_format": "channels_first"},
        shape=(2, 3, 7, 6),
    ),
    _MEAN(partial(oracles.average_pool, size=(2, 2), strides=(2, 2)), {"pool_size": 2}),
    _MEAN(
        partial(oracles.average_pool, size=(3, 2), strides=(2, 1), padding="same"),
        {"pool_size": (3, 2), "strides": (2, 1), "padding": "same"},
    ),
    LayerRow(cl.Flatten, keras.layers.Flatten, oracles.flatten, shape=(2, 3, 4, 5)),
    LayerRow(
        cl.Flatten,
        keras.layers.Flatten,
        lambda x: oracles.flatten(np.moveaxis(x, 1, -1)),
        {"data_format": "channels_first"},
        shape=(2, 3, 4, 5),
    ),
    LayerRow(
        cl.Dropout, keras.layers.Dropout, oracles.identity, {"rate": 0.4, "seed": 1}
    ),
    LayerRow(
        cl.Dropout,
        keras.layers.Dropout,
        oracles.identity,
        {"rate": 0.4, "noise_shape": (None, 1)},
    ),
    LayerRow(
        cl.GaussianNoise,
        keras.layers.GaussianNoise,
        oracles.identity,
        {"stddev": 0.5, "seed": 1},
    ),
    LayerRow(
        cl.Rescaling,
        keras.layers.Rescaling,
        lambda x: x * 0.25 - 1,
        {"scale": 0.25, "offset": -1},
    ),
    LayerRow(
        cl.Rescaling,
        keras.layers.Rescaling,
        lambda x: x * [1, 2, 3, 4, 5],
        {"scale": np.array([1.0, 2.0, 3.0, 4.0, 5.0])},
    ),
    _NORMALIZATION(_adapted, weights=statistics),
    _NORMALIZATION(
        _adapted_first_axis,
        {"axis": (-2,), "invert": True},
        shape=(3, 4, 5),
        weights=statistics,
    ),
    _NORMALIZATION(
        partial(oracles.normalize, mean=0.5, variance=4.0),
        {"axis": None, "mean": 0.5, "variance": 4.0},
    ),
    _NORMALIZATION(
        partial(oracles.normalize, mean=np.arange(5.0), variance=np.arange(1.0, 6.0)),
        {"mean": [0.0, 1.0, 2.0, 3.0, 4.0], "variance": [1.0, 2.0, 3.0, 4.0, 5.0]},
    ),
]

_RNG = np.random.default_rng(11)
_NUMBERS = _RNG.normal(size=(6, 4))
_LOGITS = _RNG.normal(size=(6, 4)) * 3
_PROBABILITIES = oracles.softmax(_LOGITS)
_ANSWERS = _RNG.integers(0, 2, size=(6, 4)).astype(float)
_CLASSES = np.array([0, 3, 1, 2, 2, 0])
_ONE_HOT = np.eye(4)[_CLASSES]
_IMAGE_LOGITS = _RNG.normal(size=(6, 4, 4, 3))
_IMAGE_CLASSES = _RNG.integers(0, 3, size=(6, 4, 4))


def _loss_row(cls, function, targets, predictions, **kwargs):
    return LossRow(
        cls,
        getattr(keras.losses, cls.__name__),
        getattr(oracles, function.__name__),
        kwargs,
        function,
        getattr(keras.losses, function.__name__),
        targets,
        predictions,
    )


_BINARY = partial(
    _loss_row, cl.losses.BinaryCrossentropy, cl.losses.binary_crossentropy, _ANSWERS
)
_CATEGORICAL = partial(
    _loss_row, cl.losses.CategoricalCrossentropy, cl.losses.categorical_crossentropy
)
_SPARSE = partial(
    _loss_row,
    cl.losses.SparseCategoricalCrossentropy,
    cl.losses.sparse_categorical_crossentropy,
)

LOSSES = [
    _loss_row(
        cl.losses.MeanSquaredError, cl.losses.mean_squared_error, _NUMBERS, _LOGITS
    ),
    _BINARY(oracles.sigmoid(_LOGITS)),
    _BINARY(_LOGITS, from_logits=True, label_smoothing=0.2),
    _CATEGORICAL(_ONE_HOT, _PROBABILITIES * 3),
    _CATEGORICAL(_ONE_HOT, _LOGITS, from_logits=True, label_smoothing=0.2),
    _CATEGORICAL(_ONE_HOT, _PROBABILITIES, label_smoothing=0.1),
    _CATEGORICAL(
        np.moveaxis(np.eye(3)[_IMAGE_CLASSES], -1, 1),
        np.moveaxis(_IMAGE_LOGITS, -1, 1),
        from_logits=True,
        axis=1,
    ),
    _SPARSE(_CLASSES, _PROBABILITIES),
    _SPARSE(_CLASSES, _LOGITS, from_logits=True),
    _SPARSE(_IMAGE_CLASSES, _IMAGE_LOGITS, from_logits=True, ignore_class=2),
    _SPARSE(_CLASSES, _PROBABILITIES, ignore_class=0),
]


def _optimizer_row(cls, oracle, **kwargs):
    return OptimizerRow(cls, getattr(keras.optimizers, cls.__name__), oracle, kwargs)


_SGD = partial(_optimizer_row, cl.optimizers.SGD)
_ADAM = partial(_optimizer_row, cl.optimizers.Adam)

OPTIMIZERS = [
    _SGD(oracles.sgd, learning_rate=0.1),
    _SGD(oracles.sgd, learning_rate=0.1, momentum=0.9),
    _SGD(oracles.sgd, learning_rate=0.1, momentum=0.9, nesterov=True),
    _SGD(None, momentum=0.5, weight_decay=0.1, clipnorm=0.5),
    _SGD(None, momentum=0.5, global_clipnorm=0.5, gradient_accumulation_steps=2),
    _SGD(
        None, nesterov=True, use_ema=True, ema_momentum=0.9, ema_overwrite_frequency=2
    ),
    _ADAM(oracles.adam, learning_rate=0.1),
    _ADAM(
        oracles.adam,
        learning_rate=0.1,
        beta_1=0.7,
        beta_2=0.9,
        epsilon=1e-2,
        amsgrad=True,
    ),
    _ADAM(None, learning_rate=0.1, weight_decay=0.1, clipvalue=0.5),
    _ADAM(
        None,
        amsgrad=True,
        use_ema=True,
        gradient_accumulation_steps=3,
        loss_scale_factor=8.0,
    ),
]

ACTIVATIONS = [
    ActivationRow(cl.activations.identity, keras.activations.linear, oracles.identity),
    ActivationRow(cl.activations.linear, keras.activations.linear, oracles.identity),
    ActivationRow(cl.activations.relu, keras.activations.relu, oracles.relu),
    ActivationRow(
        cl.activations.relu,
        keras.activations.relu,
        oracles.relu,
        {"negative_slope": 0.1},
    ),
    ActivationRow(
        cl.activations.relu,
        keras.activations.relu,
        oracles.relu,
        {"negative_slope": 0.1, "max_value": 1.5, "threshold": 0.5},
    ),
    ActivationRow(
        cl.activations.relu, keras.activations.relu, oracles.relu, {"max_value": 6.0}
    ),
    ActivationRow(cl.activations.sigmoid, keras.activations.sigmoid, oracles.sigmoid),
    ActivationRow(cl.activations.tanh, keras.activations.tanh, np.tanh),
    ActivationRow(cl.activations.softmax, keras.activations.softmax, oracles.softmax),
    ActivationRow(
        cl.activations.softmax, keras.activations.softmax, oracles.softmax, {"axis": 0}
    ),
    ActivationRow(
        cl.activations.softmax,
        keras.activations.softmax,
        oracles.softmax,
        {"axis": (0, 1)},
    ),
]


def _glorot(fan_in, fan_out):
    return 2 / (fan_in + fan_out)


def _he(fan_in, fan_out):
    return 2 / fan_in


def _uniform_limit(variance):
    return math.sqrt(3 * variance)


def _normal_limit(variance):
    return 2 * math.sqrt(variance) / 0.8796256610342398


def _initializer_row(name, oracle, limit=None, mean=0.0, **kwargs):
    return InitializerRow(
        getattr(cl.initializers, name),
        getattr(keras.initializers, name),
        oracle,
        kwargs,
        mean,
        limit,
    )


def _no_variance(fan_in, fan_out):
    return 0.0


INITIALIZERS = [
    _initializer_row("Zeros", _no_variance),
    _initializer_row("Ones", _no_variance, mean=1.0),
    _initializer_row("Constant", _no_variance, mean=0.25, value=0.25),
    _initializer_row("GlorotUniform", _glorot, _uniform_limit, seed=5),
    _initializer_row("GlorotNormal", _glorot, _normal_limit, seed=5),
    _initializer_row("HeUniform", _he, _uniform_limit, seed=5),
    _initializer_row("HeNormal", _he, _normal_limit, seed=5),
]

ALL = LAYERS + LOSSES + OPTIMIZERS + ACTIVATIONS + INITIALIZERS
