"""Operators of TensorFlow that tf2onnx lacks, or converts to something else."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import keras
import tensorflow as tf

from export.onnx_conversion import (
    elementwise,
    images,
    markers,
    segments,
    selecting,
)
from export.onnx_conversion.refusals import inexpressible

REWRITERS = (selecting.equal_strings,)
# They refuse ids that are not sorted; ONNX has nothing that refuses.
_CHECKED = (
    *("SegmentMax", "SegmentMean", "SegmentMin", "SegmentProd", "SegmentSum"),
    *("SparseSegmentMean", "SparseSegmentSqrtN", "SparseSegmentSum"),
    *("SparseSegmentMeanWithNumSegments", "SparseSegmentSqrtNWithNumSegments"),
    "SparseSegmentSumWithNumSegments",
)


def handlers() -> dict[str, tuple[Callable, list]]:
    """Returns how operators are converted, by their names in TensorFlow."""
    own = {
        markers.NODE: markers.lower,
        "Atan2": elementwise.atan2,
        "Bincount": segments.count,
        "Bucketize": selecting.bucketize,
        "Conv3D": images.convolution_3d,
        "DenseBincount": segments.count,
        "Erfc": elementwise.erfc,
        "Expm1": elementwise.expm1,
        "FloorDiv": elementwise.floor_divide,
        "FloorMod": elementwise.floor_modulo,
        "Log1p": elementwise.log1p,
        "OneHot": selecting.one_hot,
        "Pow": elementwise.power,
        "ResizeArea": _refuse,
        "ResizeBicubic": images.resize,
        "ResizeBilinear": images.resize,
        "ResizeNearestNeighbor": images.resize_to_nearest,
        "ReverseV2": selecting.Reversals().convert,
        **dict.fromkeys(_CHECKED, _refuse),
        "SelectV2": selecting.select,
        "UnsortedSegmentMax": segments.segment("max"),
        "UnsortedSegmentMin": segments.segment("min"),
        "UnsortedSegmentProd": segments.segment("mul"),
        "UnsortedSegmentSum": segments.segment("add"),
    }
    return {name: (function, []) for name, function in own.items()}


def _refuse(_: Any, node: Any, *__: Any) -> None:
    raise inexpressible(f"it has no operator for {node.type} of TensorFlow")


@contextlib.contextmanager
def expressible() -> Iterator[None]:
    """Traces operations of Keras in a form that ONNX can say."""
    backend = keras.src.backend.tensorflow.numpy
    with mock.patch.object(backend, "signbit", _signbit):
        yield


def _signbit(x: Any) -> tf.Tensor:
    """Whether a number is negative, or negative zero; ONNX reads no bits of floats."""
    x = tf.convert_to_tensor(x)
    if x.dtype == tf.bool:
        return tf.zeros_like(x)
    if x.dtype.is_integer:
        return x < 0
    return (x < 0) | (1 / x < 0)
