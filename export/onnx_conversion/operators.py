"""Operators of TensorFlow that the converter lacks, or says in more than one node."""

import contextlib
from collections.abc import Iterator
from typing import Any
from unittest import mock

import keras
import numpy as np
import onnx
import tensorflow as tf
from onnx import TensorProto

from export.onnx_conversion import markers
from export.onnx_conversion.nodes import constant, replace

# Types of the `Where` of ONNX Runtime; the others are integers of 16 bits at most.
_WHERE = (
    *(TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.INT32, TensorProto.INT64),
    *(TensorProto.STRING, TensorProto.UINT8),
)


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


def handlers() -> dict[str, tuple[Any, list]]:
    """Returns how tf2onnx converts operators, by their names in TensorFlow."""
    return {
        markers.NODE: (markers.lower, []),
        "Erfc": (_erfc, []),
        "ReverseV2": (_Reversals().convert, []),
        "SelectV2": (_select, []),
    }


def _select(graph: Any, node: Any, *_: Any) -> None:
    """A `Where`: tf2onnx multiplies by the condition, and 0 times infinity is NaN."""
    types, inputs = node.output_dtypes, list(node.input)
    if types[0] in _WHERE:
        replace(graph, node, "Where", inputs)
        return
    cast = [
        graph.make_node("Cast", [each], attr={"to": TensorProto.INT32}).output[0]
        for each in inputs[1:]
    ]
    where = graph.make_node("Where", [inputs[0], *cast])
    replace(graph, node, "Cast", [where.output[0]], attr={"to": types[0]})


def _erfc(graph: Any, node: Any, name: str, _: Any) -> None:
    r""":math:`\operatorname{erfc}(x) = 1 - \operatorname{erf}(x)`."""
    types, shapes = node.output_dtypes, node.output_shapes
    erf = graph.make_node("Erf", list(node.input), dtypes=types, shapes=shapes)
    one = np.ones((), onnx.helper.tensor_dtype_to_np_dtype(types[0]))
    replace(graph, node, "Sub", [constant(graph, name, one), erf.output[0]])


class _Reversals:
    """Converts reversals along axes to slices of step -1; two undo each other."""

    def __init__(self) -> None:
        self._sources: dict[str, tuple[str, list[int]]] = {}

    def convert(self, graph: Any, node: Any, name: str, _: Any) -> None:
        source = node.input[0]
        axes = node.inputs[1].get_tensor_value(as_list=False).reshape(-1).tolist()
        reversed_source, reversed_axes = self._sources.get(source, ("", []))
        self._sources[node.output[0]] = source, axes
        if axes == reversed_axes:
            replace(graph, node, "Identity", [reversed_source])
            return
        first, last = [-1] * len(axes), [np.iinfo("int64").min] * len(axes)
        numbers = [
            constant(graph, name, np.array(each, "int64"))
            for each in (first, last, axes, first)
        ]
        replace(graph, node, "Slice", [source, *numbers])
