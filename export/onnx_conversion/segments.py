r"""Sums by id, :math:`y_s = \sum_{i : s_i = s} x_i`, as scatters that add."""

from collections.abc import Callable
from typing import Any

import numpy as np

from export.onnx_conversion.nodes import add, constant, replace, type_of
from export.onnx_conversion.refusals import inexpressible

# The first opsets whose scatters reduce so, and what is without a number.
_OPSETS = {"none": 13, "add": 16, "mul": 16, "max": 18, "min": 18}
_NONE = {
    "add": lambda _: 0,
    "mul": lambda _: 1,
    "max": lambda limits: limits.min,
    "min": lambda limits: limits.max,
}


def segment(reduction: str) -> Callable[..., None]:
    """Returns how an unsorted reduction by segment is converted.

    An id below 0 is left out, one above the number of segments is refused.
    """

    def convert(graph: Any, node: Any, *_: Any) -> None:
        _check_opset(graph, reduction)
        data, ids, count = node.input
        if graph.get_rank(ids) != 1:
            raise inexpressible("it has segments by ids of one axis alone")
        kind = type_of(graph, data)
        ids, count = (_as_int64(graph, each) for each in (ids, count))
        last = constant(graph, [-1], "int64")
        first = constant(graph, [0], "int64")
        counts = add(graph, "Unsqueeze", [count, first])
        beyond = add(graph, "Add", [ids, constant(graph, 1, "int64")])
        is_within = add(graph, "Less", [ids, count])
        places = add(graph, "Where", [is_within, ids, beyond])
        is_left_out = add(graph, "Less", [ids, constant(graph, 0, "int64")])
        places = add(graph, "Where", [is_left_out, count, places])
        start = _filled(graph, _shape(graph, data, counts), kind, reduction)
        indices = add(graph, "Unsqueeze", [places, last])
        scattered = add(
            graph, "ScatterND", [start, indices, data], attr={"reduction": reduction}
        )
        replace(graph, node, "Slice", [scattered, first, counts, first])

    return convert


def _shape(graph: Any, data: str, counts: str) -> str:
    """Returns the shape of the segments, with one more for what is left out."""
    ends = constant(graph, [np.iinfo("int64").max], "int64")
    one = constant(graph, [1], "int64")
    sizes = add(graph, "Slice", [add(graph, "Shape", [data]), one, ends])
    rows = add(graph, "Add", [counts, one])
    return add(graph, "Concat", [rows, sizes], attr={"axis": 0})


def _filled(graph: Any, shape: str, kind: str, reduction: str) -> str:
    """Returns a tensor of what a reduction gives for no number."""
    dtype = np.dtype(kind)
    limits = np.finfo(dtype) if dtype.kind == "f" else np.iinfo(dtype)
    value = constant(graph, _NONE[reduction](limits), kind)
    return add(graph, "Expand", [value, shape])


def count(graph: Any, node: Any, *_: Any) -> None:
    r"""Counts of ids, :math:`y_s = \sum_{i : s_i = s} w_i`, or whether there is one.

    An id at or above the number of places is left out, one below 0 is refused.
    """
    reduction = "none" if node.get_attr_value("binary_output", False) else "add"
    _check_opset(graph, reduction)
    ids, size, weights = node.input
    rank, kind = graph.get_rank(ids), graph.get_dtype(node.output[0])
    shape_of_weights = graph.get_shape(weights)
    size = _as_int64(graph, _constant_bound(node, size))
    ids = _as_int64(graph, ids)
    last, one = constant(graph, [-1], "int64"), constant(graph, 1, "int64")
    first = constant(graph, [0], "int64")
    sizes = add(graph, "Unsqueeze", [size, first])
    beyond = add(graph, "Add", [size, one])
    places = add(graph, "Min", [ids, size])
    is_negative = add(graph, "Less", [ids, constant(graph, 0, "int64")])
    places = add(graph, "Where", [is_negative, beyond, places])
    shape = add(graph, "Shape", [ids])
    rows = add(graph, "Slice", [shape, first, last])
    width = add(graph, "Unsqueeze", [beyond, first])
    whole = add(graph, "Concat", [rows, width], attr={"axis": 0})
    name = type_of(graph, node.output[0])
    if reduction == "none" or shape_of_weights == [0]:
        weights = add(graph, "Expand", [constant(graph, 1, name), shape])
    start = add(graph, "Expand", [constant(graph, 0, name), whole])
    counted = add(
        graph,
        "ScatterElements",
        [start, places, weights],
        attr={"axis": rank - 1, "reduction": reduction},
        dtypes=[kind],
    )
    axis = constant(graph, [rank - 1], "int64")
    replace(graph, node, "Slice", [counted, first, sizes, axis])


def _constant_bound(node: Any, size: str) -> str:
    """Returns `b` for `min(b, max(b, x))`, as which Keras writes a number of places."""
    smaller = _behind_casts(node.inputs[1])
    if smaller.type not in ("Minimum", "Min"):  # as which it may be converted already
        return size
    larger = next(
        (x for x in map(_behind_casts, smaller.inputs) if x.type in ("Maximum", "Max")),
        None,
    )
    if larger is None:
        return size
    bounds = [
        each.output[0]
        for each in smaller.inputs
        if each.is_const()
        and any(
            x.is_const() and x.get_tensor_value() == each.get_tensor_value()
            for x in larger.inputs
        )
    ]
    return bounds[0] if bounds else size


def _behind_casts(node: Any) -> Any:
    while node.type in ("Cast", "Identity"):
        node = node.inputs[0]
    return node


def _as_int64(graph: Any, tensor: str) -> str:
    if type_of(graph, tensor) == "int64":
        return tensor
    return add(graph, "Cast", [tensor], attr={"to": 7})


def _check_opset(graph: Any, reduction: str) -> None:
    first = _OPSETS[reduction]
    if graph.opset < first:
        raise inexpressible(f"it has no such sums by id before opset {first}")
