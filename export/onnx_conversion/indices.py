"""Indices that TensorFlow refuses, and ONNX would count from the end.

ONNX takes -1 for the last place. Keras counts so, too, in `take`: it adds the size of
the axis to what is negative, which is left to ONNX' own `Gather`. Every other index
that may be negative is made too large for any axis.
"""

from collections import ChainMap

import numpy as np
import onnx
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto

from export.onnx_conversion.signs import Signs, Sources

_INDEXED = ("Gather", "GatherElements", "GatherND", "ScatterElements", "ScatterND")
_FIRST_WITH_BITS = 18  # opset


def with_checked_indices(model: ModelProto) -> ModelProto:
    """Returns the model, which refuses the indices that TensorFlow refuses."""
    result = onnx.shape_inference.infer_shapes(model)
    (opset,) = (each.version for each in model.opset_import if not each.domain)
    _Checker(opset).check(result.graph, ChainMap(), ChainMap())
    return result


class _Checker:
    """Rewrites the indices of gathers and scatters.

    Args:
        opset: Of the model.
    """

    def __init__(self, opset: int) -> None:
        self._opset, self._count = opset, 0

    def check(
        self,
        graph: GraphProto,
        outer: Sources,
        outer_types: "ChainMap[str, ValueInfoProto]",
    ) -> None:
        """Rewrites a graph and those inside its nodes.

        Args:
            graph: Is changed.
            outer: What the tensors around it come from.
            outer_types: Their types and shapes.
        """
        sources = outer.new_child({each.name: each for each in graph.initializer})
        for node in graph.node:
            sources.update(dict.fromkeys(node.output, node))
        known = (*graph.input, *graph.value_info)
        types = outer_types.new_child({each.name: each for each in known})
        signs = Signs(sources)
        nodes: list[NodeProto] = []
        for node in graph.node:
            for attribute in node.attribute:
                if attribute.HasField("g"):
                    inner = signs.of_inputs(node, attribute.g)
                    self.check(attribute.g, sources.new_child(inner), types)
            if node.op_type in _INDEXED:
                self._check_node(node, signs, types, graph, nodes)
            nodes.append(node)
        del graph.node[:]
        graph.node.extend(nodes)

    def _check_node(
        self,
        node: NodeProto,
        signs: Signs,
        types: "ChainMap[str, ValueInfoProto]",
        graph: GraphProto,
        nodes: list[NodeProto],
    ) -> None:
        data, indices = node.input[:2]
        size = _size(data, _axis(node), signs.sources, types)
        from_end = _counted_from_end(indices, signs.sources, size)
        if node.op_type == "Gather" and from_end:
            node.input[1] = from_end
        elif signs.may_be_negative(indices):
            kind = types[indices].type.tensor_type.elem_type
            node.input[1] = self._large(indices, kind, graph, nodes)

    def _large(
        self, indices: str, kind: int, graph: GraphProto, nodes: list[NodeProto]
    ) -> str:
        """Returns indices of which the negative ones are as large as can be."""
        name, self._count = f"checked_indices_{self._count}", self._count + 1
        dtype = onnx.helper.tensor_dtype_to_np_dtype(kind)
        largest, zero = f"{name}_largest", f"{name}_zero"
        graph.initializer.extend(
            onnx.numpy_helper.from_array(np.array(value, dtype), each)
            for each, value in ((largest, np.iinfo(dtype).max), (zero, 0))
        )
        make = onnx.helper.make_node
        if self._opset >= _FIRST_WITH_BITS:  # all bits but that of the sign
            nodes.append(make("BitwiseAnd", [indices, largest], [name]))
        else:
            nodes.append(make("Less", [indices, zero], [f"{name}_negative"]))
            which = [f"{name}_negative", largest, indices]
            nodes.append(make("Where", which, [name]))
        return name


def _axis(node: NodeProto) -> int:
    return next((each.i for each in node.attribute if each.name == "axis"), 0)


def _size(
    data: str, axis: int, sources: Sources, types: "ChainMap[str, ValueInfoProto]"
) -> int | None:
    """Returns the size of an axis, if it is known."""
    stored = sources.get(data)
    if isinstance(stored, TensorProto):
        return stored.dims[axis]
    if data not in types:
        return None
    sizes = types[data].type.tensor_type.shape.dim
    return sizes[axis].dim_value or None if -len(sizes) <= axis < len(sizes) else None


def _counted_from_end(indices: str, sources: Sources, size: int | None) -> str | None:
    """Returns `i` of `where(i < 0, i + size, i)`."""
    where = sources.get(indices)
    if not isinstance(where, NodeProto) or where.op_type != "Where":
        return None
    condition, shifted, plain = where.input
    less, add = sources.get(condition), sources.get(shifted)
    if (
        isinstance(less, NodeProto)
        and isinstance(add, NodeProto)
        and (less.op_type, add.op_type) == ("Less", "Add")
        and _behind_casts(less.input[0], sources) == plain
        and _is_constant(less.input[1], 0, sources)
        and add.input[0] == plain
        and _is_constant(add.input[1], size, sources)
    ):
        return str(plain)
    return None


def _behind_casts(name: str, sources: Sources) -> str:
    node = sources.get(name)
    while isinstance(node, NodeProto) and node.op_type == "Cast":
        name = node.input[0]
        node = sources.get(name)
    return name


def _is_constant(name: str, value: int | None, sources: Sources) -> bool:
    stored = sources.get(name)
    if value is None or not isinstance(stored, TensorProto):
        return False
    array = onnx.numpy_helper.to_array(stored)
    return array.size == 1 and bool(array.reshape(-1)[0] == value)
