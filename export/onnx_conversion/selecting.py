"""Choices between numbers, and of places: where, one-hot, buckets, reversals."""

from typing import Any

import numpy as np
from onnx import TensorProto

from export.onnx_conversion.nodes import add, constant, replace, type_of
from export.onnx_conversion.refusals import inexpressible

# Types of the `Where` of ONNX Runtime; the others are integers of 16 bits at most.
_WHERE = (
    *(TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.INT32, TensorProto.INT64),
    *(TensorProto.STRING, TensorProto.UINT8),
)


def select(graph: Any, node: Any, *_: Any) -> None:
    """A `Where`: tf2onnx multiplies by the condition, and 0 times infinity is NaN."""
    types, (condition, *inputs) = node.output_dtypes, node.input
    if types[0] in _WHERE:
        replace(graph, node, "Where", [condition, *inputs])
        return
    to = {"to": TensorProto.INT32}
    wide = [add(graph, "Cast", [each], attr=to) for each in inputs]
    where = add(graph, "Where", [condition, *wide])
    replace(graph, node, "Cast", [where], attr={"to": types[0]})


def one_hot(graph: Any, node: Any, *_: Any) -> None:
    """Compares with each place; for ONNX' own `OneHot`, -1 is the last place."""
    indices, _, on, off = node.input
    if not node.inputs[1].is_const():
        raise inexpressible("it has one-hot vectors of a length that is no constant")
    depth = int(node.inputs[1].get_tensor_value())
    axis = node.get_attr_int("axis")
    rank = graph.get_rank(indices) + 1
    shape = [1] * rank
    shape[axis] = depth
    kind = type_of(graph, indices)
    if kind == "uint8":
        indices = add(graph, "Cast", [indices], attr={"to": TensorProto.INT32})
        kind = "int32"
    places = constant(graph, np.arange(depth).reshape(shape), kind)
    axes = constant(graph, [axis % rank], "int64")
    expanded = add(graph, "Unsqueeze", [indices, axes])
    is_on = add(graph, "Equal", [expanded, places])
    values = [node.inputs[i].get_tensor_value() for i in (2, 3) if _is_const(node, i)]
    if values == [1, 0]:
        replace(graph, node, "Cast", [is_on], attr={"to": node.output_dtypes[0]})
    else:
        replace(graph, node, "Where", [is_on, on, off])


def _is_const(node: Any, index: int) -> bool:
    return node.inputs[index].is_const()


def bucketize(graph: Any, node: Any, *_: Any) -> None:
    r""":math:`\sum_j [b_j \le x]`; each boundary is below what is not a number."""
    (x,) = node.input
    boundaries = np.array(node.get_attr("boundaries").floats)
    if graph.get_dtype(x) != TensorProto.FLOAT:
        x = add(graph, "Cast", [x], attr={"to": TensorProto.FLOAT})
    last = constant(graph, [-1], "int64")
    expanded = add(graph, "Unsqueeze", [x, last])
    is_below = add(graph, "Less", [expanded, constant(graph, boundaries, "float32")])
    reached = add(graph, "Not", [is_below])
    reached = add(graph, "Cast", [reached], attr={"to": TensorProto.INT32})
    replace(graph, node, "ReduceSum", [reached, last], attr={"keepdims": 0})


class Reversals:
    """Converts reversals along axes to slices of step -1; two undo each other."""

    def __init__(self) -> None:
        self._sources: dict[str, tuple[str, list[int]]] = {}

    def convert(self, graph: Any, node: Any, *_: Any) -> None:
        """Converts a `ReverseV2`."""
        source = node.input[0]
        axes = node.inputs[1].get_tensor_value(as_list=False).reshape(-1).tolist()
        reversed_source, reversed_axes = self._sources.get(source, ("", []))
        self._sources[node.output[0]] = source, axes
        if axes == reversed_axes:
            replace(graph, node, "Identity", [reversed_source])
            return
        first, last = [-1] * len(axes), [np.iinfo("int64").min] * len(axes)
        numbers = [
            constant(graph, each, "int64") for each in (first, last, axes, first)
        ]
        replace(graph, node, "Slice", [source, *numbers])


def equal_strings(graph: Any, nodes: list) -> list:
    """Rewrites comparisons with a constant string: ONNX has none before version 19."""
    for node in nodes:
        if node.type not in ("Equal", "NotEqual"):
            continue
        if graph.get_dtype(node.input[0]) != TensorProto.STRING:
            continue
        constants = [i for i in (0, 1) if _is_const(node, i)]
        values = [node.inputs[i].get_tensor_value(as_list=False) for i in constants]
        if len(values) != 1 or values[0].size != 1:
            raise inexpressible("it compares strings with each other")
        is_equal = node.type == "Equal"
        encoded = add(
            graph,
            "LabelEncoder",
            [node.input[1 - constants[0]]],
            attr={
                "keys_strings": [values[0].reshape(-1)[0]],
                "values_int64s": [int(is_equal)],
                "default_int64": int(not is_equal),
            },
            domain="ai.onnx.ml",
            dtypes=[TensorProto.INT64],
            skip_conversion=True,
        )
        replace(
            graph,
            node,
            "Cast",
            [encoded],
            attr={"to": TensorProto.BOOL},
            skip_conversion=True,
        )
    return graph.get_nodes()
