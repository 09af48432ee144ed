"""The assertions of a graph, which only a SavedModel keeps.

tf2onnx and LiteRT's converter leave them out: their file would answer what the model
refuses, a word outside its vocabulary with the vector of another.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from tensorflow.core.framework.types_pb2 import DT_RESOURCE
from tensorflow.python.framework import tensor_util

_ASSERTIONS = ("Assert", "CheckNumerics", "CheckNumericsV2")


def assertion_about_inputs(graph: Any) -> str | None:
    """Returns the name of the first assertion that an input can fail, or None.

    Args:
        graph: A `tf.Graph`; its functions are searched as well.
    """
    definition = graph.as_graph_def(add_shapes=True)
    resources = {
        node.name for node in definition.node if node.attr["dtype"].type == DT_RESOURCE
    }
    nodes = {node.name: node for node in definition.node}
    found = _first(definition.node, nodes, resources)
    for function in definition.library.function:
        arguments = function.signature.input_arg
        resources = {each.name for each in arguments if each.type == DT_RESOURCE}
        nodes = {node.name: node for node in function.node_def}
        found = found or _first(function.node_def, nodes, resources)
    return found


def _first(
    searched: Iterable[Any], nodes: Mapping[str, Any], resources: Collection[str]
) -> str | None:
    """Returns the first assertion whose inputs come from more than constants."""
    for node in searched:
        if node.op in _ASSERTIONS and _depends(node, nodes, resources):
            return str(node.name)
    return None


def _depends(node: Any, nodes: Mapping[str, Any], resources: Collection[str]) -> bool:
    seen, waiting = set(resources), [node.input[0]]  # the others are its message
    while waiting:
        name = waiting.pop().partition(":")[0]
        if name.startswith("^") or name in seen:
            continue
        seen.add(name)
        if name not in nodes or nodes[name].op == "Placeholder":
            return True  # an input of a function or of the graph
        if not _is_known_size(nodes[name], nodes):
            waiting.extend(nodes[name].input)
    return False


def _is_known_size(node: Any, nodes: Mapping[str, Any]) -> bool:
    """Whether a node is `shape(x)[i]` of a size that is the same for all inputs."""
    if node.op != "StridedSlice" or not node.attr["shrink_axis_mask"].i:
        return False
    shape, place = (nodes.get(each.partition(":")[0]) for each in node.input[:2])
    if shape is None or shape.op != "Shape" or place is None or place.op != "Const":
        return False
    name, _, output = shape.input[0].partition(":")
    if name not in nodes or "_output_shapes" not in nodes[name].attr:
        return False
    sizes = nodes[name].attr["_output_shapes"].list.shape[int(output or 0)]
    places = tensor_util.MakeNdarray(place.attr["value"].tensor)
    return not sizes.unknown_rank and all(sizes.dim[i].size >= 0 for i in places)
