"""What ONNX lacks is said by what it has, with Keras' numbers, or refused in a line."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

from export import ExportError

from .onnx_models import operators, run, written

INFINITY = float("inf")
NUMBERS = np.array(
    [
        [0.0, -0.0, 1e-7, -1e-7, 1e-3],
        [1.0, -0.5, 0.5, 80.0, -80.0],
        [INFINITY, 0.3, 1e10, 20.0, 2.0],
    ],
    "float32",
)
INTEGERS = np.array([[-1, 0, 2], [3, 5, 1]], "int64")
WORDS = np.array([["a", "b", ""], ["[UNK]", "c", "é"]])


def _model(function, array):
    dtype = "string" if array.dtype.kind in "OU" else array.dtype.name
    x = keras.Input(array.shape[1:], dtype=dtype, name="x")
    return keras.Model(x, function(x))


_PLACES = [0.0, -0.0, 1.0, -0.5, INFINITY, -INFINITY, np.nan, 3.0]
PAIRS = np.array([(y, x) for y in _PLACES for x in _PLACES], "float32")

OPERATIONS = {
    "the angle of a point": (lambda x: ops.arctan2(x[:, 0], x[:, 1]), PAIRS),
    "the power of integers": (lambda x: ops.power(x, 3), INTEGERS),
    "bits shifted to the left": (
        lambda x: ops.left_shift(ops.cast(x, "int32"), 3),
        INTEGERS,
    ),
    "bits shifted to the right": (
        lambda x: ops.right_shift(ops.cast(x, "int32"), 1),
        INTEGERS,
    ),
    "erfc": (lambda x: ops.gelu(x, approximate=False), NUMBERS[:2]),
    "expm1": (ops.expm1, NUMBERS),
    "log1p": (ops.log1p, np.abs(NUMBERS)),
    "the negative zero": (ops.signbit, NUMBERS),
    "where beside infinity": (lambda x: ops.where(x > 0, ops.log(x), -1.0), NUMBERS),
    "where of booleans": (lambda x: ops.where(x > 0, x < 1, x > -1), NUMBERS),
    "where of bytes": (
        lambda x: ops.where(x > 0, ops.cast(x < 1, "int8"), np.int8(2)),
        NUMBERS,
    ),
    "argmax": (lambda x: ops.argmax(x, axis=-1), NUMBERS[:, :2]),
    "argmin": (lambda x: ops.argmin(x, axis=-1), NUMBERS[:, :2]),
    "one-hot": (lambda x: ops.one_hot(x, 4), INTEGERS),
    "one-hot along an axis": (
        lambda x: ops.one_hot(x, 4, axis=1, dtype="int32"),
        INTEGERS,
    ),
    "buckets": (layers.Discretization(bin_boundaries=[0.0, 0.5, 1.0]), NUMBERS),
    "flip": (lambda x: ops.flip(x, axis=1), NUMBERS),
    "flip of a flip": (lambda x: ops.flip(ops.flip(x, axis=1), axis=1), NUMBERS),
    "string lookup": (layers.StringLookup(vocabulary=["a", "é"]), WORDS),
    "string lookup, masked": (
        layers.StringLookup(vocabulary=["a", "b"], mask_token=""),
        WORDS,
    ),
    "string lookup, one-hot": (
        layers.StringLookup(vocabulary=["a", "b"], output_mode="multi_hot"),
        WORDS,
    ),
    "integer lookup": (layers.IntegerLookup(vocabulary=[5, 3]), INTEGERS),
    "integer lookup, masked": (
        layers.IntegerLookup(vocabulary=[5, 3], mask_token=0),
        INTEGERS,
    ),
    "vectorization of words": (
        layers.TextVectorization(vocabulary=["a", "b"], standardize=None, split=None),
        WORDS[:, :1],
    ),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_numbers(name, tmp_path):
    function, array = OPERATIONS[name]
    model = _model(function, array)
    is_text = array.dtype.kind == "U"
    expected = model(tf.constant(np.char.encode(array, "utf-8") if is_text else array))
    (got,) = run(written(model, tmp_path), {"x": array})
    expected = np.asarray(expected)
    assert (got.dtype, got.shape) == (expected.dtype, expected.shape)
    np.testing.assert_allclose(got, expected, rtol=2e-6, atol=1e-38)


def test_two_flips_are_none(tmp_path):
    model = _model(*OPERATIONS["flip of a flip"])
    assert not operators(written(model, tmp_path)).keys() & {"Slice", "ReverseSequence"}


IMAGE = np.random.default_rng(0).uniform(size=(2, 12, 12, 4)).astype("float32")
VOLUME = np.random.default_rng(0).uniform(size=(2, 5, 6, 7, 4)).astype("float32")
LAYERS = {
    "Conv1D": (lambda: layers.Conv1D(8, 3, groups=4), IMAGE[:, 0]),
    "Conv2D": (lambda: layers.Conv2D(8, 3, groups=4), IMAGE),
    "Conv3D": (lambda: layers.Conv3D(8, 3, groups=4), VOLUME),
    "DepthwiseConv2D": (
        lambda: layers.DepthwiseConv2D(3, depth_multiplier=2, strides=2),
        IMAGE,
    ),
    "SeparableConv2D": (lambda: layers.SeparableConv2D(5, 3), IMAGE),
    "nearest": (lambda: layers.Resizing(9, 7, interpolation="nearest"), IMAGE),
    "bilinear": (lambda: layers.Resizing(9, 7), IMAGE),
    "bicubic": (lambda: layers.UpSampling2D(2, interpolation="bicubic"), IMAGE),
}


@pytest.mark.parametrize("name", LAYERS)
def test_layers(name, tmp_path):
    keras.utils.set_random_seed(0)
    build, array = LAYERS[name]
    model = _model(build(), array)
    (got,) = run(written(model, tmp_path), {"x": array})
    np.testing.assert_allclose(got, model(array), atol=1e-5)


def _python(x):
    return tf.reshape(tf.py_function(lambda y: 2 * y, [x], "float32"), tf.shape(x))


REFUSED = {
    "powers of integers": (lambda x: ops.power(2, x), INTEGERS),
    "Qr": (lambda x: ops.qr(x)[0], np.eye(3, dtype="float32")[None]),
    "ResizeArea": (layers.Resizing(9, 7, interpolation="area"), IMAGE),
    "StringSplitV2": (layers.TextVectorization(vocabulary=["a"]), WORDS[:, :1]),
    "StringToHashBucketFast": (
        layers.StringLookup(vocabulary=["a"], num_oov_indices=2),
        WORDS,
    ),
    "EagerPyFunc": (
        layers.Lambda(_python, output_shape=NUMBERS.shape[1:]),
        NUMBERS,
    ),
    "a function of Python": (
        layers.Lambda(
            lambda x: tf.reshape(
                tf.numpy_function(np.negative, [x], "float32", stateful=False),
                tf.shape(x),
            ),
            output_shape=NUMBERS.shape[1:],
        ),
        NUMBERS,
    ),
}


@pytest.mark.parametrize("operator", REFUSED)
def test_what_onnx_cannot_express_is_refused_in_one_line(operator, tmp_path):
    model = _model(*REFUSED[operator])
    with pytest.raises(ExportError, match="ONNX cannot express the model") as error:
        written(model, tmp_path)
    message = str(error.value)
    assert operator in message
    assert message.endswith("export it with formats=('saved_model',).")
    assert "\n" not in message
    assert not list(tmp_path.iterdir())


def test_nothing_is_logged(tmp_path, capfd):
    """What a converter would log is raised, or of no use to a user."""
    written(_model(*OPERATIONS["string lookup"]), tmp_path)
    with pytest.raises(ExportError):
        written(_model(*REFUSED["Qr"]), tmp_path)
    assert capfd.readouterr() == ("", "")
