"""Each error names the argument, what was expected and what came."""

import keras
import numpy as np
import pytest

import custom_layers as cl

X = np.ones((2, 3), "float32")
IMAGE = np.ones((2, 5, 5, 4), "float32")


def _adapt(layer, data):
    return lambda: layer.adapt(data)


class _Unfit:
    """Neither an array nor an iterable."""


def _rebuilt():
    layer = cl.Normalization()
    layer.build((None, 3))
    layer.adapt(np.ones((2, 4)))


CASES = {
    "units zero": (lambda: cl.Dense(0), r"`units` .*positive integer.*units=0"),
    "units float": (lambda: cl.Dense(2.0), r"`units` .*units=2.0"),
    "units text": (lambda: cl.Dense("2"), r"`units` .*units=2"),
    "dense rank": (lambda: cl.Dense(2)(X[0]), r"min_ndim=2, found ndim=1"),
    "unknown word": (lambda: cl.Dense(2, unit=3), r"Unrecognized keyword"),
    "activation": (lambda: cl.Dense(2, "no_such"), r"no_such"),
    "initializer": (lambda: cl.Dense(2, kernel_initializer="no_such"), r"no_such"),
    "filters": (lambda: cl.Conv2D(0, 3), r"`filters`.*filters=0"),
    "filters none": (lambda: cl.Conv2D(None, 3), r"`filters`.*filters=None"),
    "groups": (lambda: cl.Conv2D(2, 3, groups=0), r"groups.*groups=0"),
    "filters by groups": (lambda: cl.Conv2D(3, 3, groups=2), r"divisible.*filters=3"),
    "channels by groups": (
        lambda: cl.Conv2D(6, 3, groups=3)(IMAGE),
        r"divisible.*groups=3.* 4 channels",
    ),
    "channels unknown": (
        lambda: cl.Conv2D(6, 3)(keras.KerasTensor((1, 5, 5, None))),
        r"channels must be known",
    ),
    "kernel length": (lambda: cl.Conv2D(2, (3, 3, 3)), r"`kernel_size`.*tuple of 2"),
    "kernel zero": (lambda: cl.Conv2D(2, (3, 0)), r"`kernel_size`.*\{0\}.*> 0"),
    "kernel float": (
        lambda: cl.Conv2D(2, (3, 1.5)),
        r"`kernel_size`.*1.5 of type float",
    ),
    "kernel none": (lambda: cl.Conv2D(2, None), r"`kernel_size`.*=None"),
    "strides": (lambda: cl.Conv2D(2, 3, strides=-1), r"`strides`.*\{-1\}"),
    "strides and dilation": (
        lambda: cl.Conv2D(2, 3, strides=2, dilation_rate=2),
        r"strides=\(2, 2\).*dilation_rate=\(2, 2\)",
    ),
    "padding": (lambda: cl.Conv2D(2, 3, padding="causal"), r"`padding`.*causal"),
    "data format": (lambda: cl.Conv2D(2, 3, data_format="x"), r"`data_format`.*=x"),
    "conv rank": (lambda: cl.Conv2D(2, 3)(X), r"ndim"),
    "conv rank 5": (lambda: cl.Conv2D(2, 3)(IMAGE[None]), r"4 dimensions"),
    "conv too small": (lambda: cl.Conv2D(2, 7)(IMAGE), r"zero or negative"),
    "pool size": (lambda: cl.MaxPooling2D(0), r"`pool_size`.*\{0\}"),
    "pool strides": (lambda: cl.AveragePooling2D(2, (1, 2, 3)), r"`strides`"),
    "pool padding": (lambda: cl.MaxPooling2D(padding="full"), r"`padding`.*full"),
    "pool rank": (lambda: cl.MaxPooling2D()(X), r"expected ndim=4"),
    "pool too small": (
        lambda: cl.MaxPooling2D(9)(keras.KerasTensor((1, 5, 5, 4))),
        r"zero or negative",
    ),
    "rate": (lambda: cl.Dropout(1.5), r"`rate`.*rate=1.5"),
    "rate below": (lambda: cl.Dropout(-0.1), r"`rate`.*rate=-0.1"),
    "stddev": (lambda: cl.GaussianNoise(1.5), r"`stddev`.*stddev=1.5"),
    "stddev below": (lambda: cl.GaussianNoise(-0.1), r"`stddev`.*stddev=-0.1"),
    "noise text": (lambda: cl.Dropout(0.5, noise_shape="a"), r"`noise_shape`.*=a"),
    "noise number": (lambda: cl.Dropout(0.5, noise_shape=3), r"`noise_shape`.*=3"),
    "noise float": (
        lambda: cl.Dropout(0.5, noise_shape=(1, 1.5)),
        r"`noise_shape`.*1.5 of type float at index 1",
    ),
    "noise zero": (lambda: cl.Dropout(0.5, noise_shape=(0, 2)), r"positive.*index 0"),
    "mean alone": (lambda: cl.Normalization(mean=1.0), r"both `mean` and `variance`"),
    "variance alone": (lambda: cl.Normalization(variance=1.0), r"mean=None"),
    "shapes": (
        lambda: cl.Normalization(mean=[1.0], variance=[1.0, 2.0]),
        r"same shape.*\(1,\) and \(2,\)",
    ),
    "rank of mean": (
        lambda: cl.Normalization(mean=[[1.0]], variance=[[1.0]]),
        r"one dimension for each.*\(1, 1\)",
    ),
    "mean does not fit": (
        lambda: cl.Normalization(mean=[1.0, 2.0], variance=[1.0, 2.0])(X),
        r"broadcast",
    ),
    "axis": (lambda: cl.Normalization(axis=3)(X), r"`axis`.*axis=\(3,\)"),
    "axis unknown": (
        lambda: cl.Normalization()(keras.KerasTensor((1, None))),
        r"`axis`.*known size",
    ),
    "adapt given": (
        _adapt(cl.Normalization(mean=1.0, variance=1.0), X),
        r"cannot adapt",
    ),
    "adapt empty": (_adapt(cl.Normalization(), []), r"empty iterable"),
    "adapt no rows": (_adapt(cl.Normalization(), X[:0]), r"at least one sample"),
    "adapt other size": (_rebuilt, r"incompatible shape.*\(2, 4\)"),
    "adapt ragged": (
        _adapt(cl.Normalization(), [X, np.ones((2, 4))]),
        r"incompatible shape",
    ),
    "seed": (lambda: cl.initializers.HeNormal(seed="a"), r"`seed`.*seed=a of type str"),
    "reduction": (lambda: cl.losses.MeanSquaredError(reduction="x"), r"`reduction`.*x"),
    "binary shapes": (
        lambda: cl.losses.binary_crossentropy(X, X[:, :2]),
        r"same shape.*\(2, 3\).*\(2, 2\)",
    ),
    "categorical shapes": (
        lambda: cl.losses.CategoricalCrossentropy()(X, X[:, :2]),
        r"same shape.*\(2, 3\).*\(2, 2\)",
    ),
    "categorical axis": (
        lambda: cl.losses.categorical_crossentropy(X, X, axis=True),
        r"`axis` must be of type `int`.*bool",
    ),
    "sparse axis": (
        lambda: cl.losses.sparse_categorical_crossentropy(X[:, 0], X, axis=0),
        r"Only axis=-1.*axis=0",
    ),
    "sparse shapes": (
        lambda: cl.losses.sparse_categorical_crossentropy(X[:1, 0], X),
        r"same shape.*\(1,\).*\(2, 3\)",
    ),
    "sparse of one-hot": (
        lambda: cl.losses.SparseCategoricalCrossentropy()(X, X),
        r"same shape.*\(2, 3\).*\(2, 3\)",
    ),
    "momentum": (lambda: cl.optimizers.SGD(momentum=2.0), r"`momentum`.*momentum=2.0"),
    "momentum integer": (lambda: cl.optimizers.SGD(momentum=1), r"1 of type int"),
    "clipping": (
        lambda: cl.optimizers.Adam(clipnorm=1.0, clipvalue=1.0),
        r"Only one of",
    ),
    "optimizer word": (lambda: cl.optimizers.Adam(beta=0.9), r"beta"),
}
TYPE_ERRORS = {
    "adapt number": (_adapt(cl.Normalization(), _Unfit()), r"type _Unfit"),
    "adapt no shape": (_adapt(cl.Normalization(), [1, 2]), r"`.shape`.*int"),
}


@pytest.mark.parametrize(("call", "message"), CASES.values(), ids=CASES.keys())
def test_value_error(call, message):
    with pytest.raises(ValueError, match=f"(?s){message}"):
        call()


@pytest.mark.parametrize(("call", "message"), TYPE_ERRORS.values(), ids=TYPE_ERRORS)
def test_type_error(call, message):
    with pytest.raises(TypeError, match=f"(?s){message}"):
        call()
