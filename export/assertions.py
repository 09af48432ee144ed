"""The assertions of a graph, which only a SavedModel keeps.

tf2onnx and LiteRT's converter leave them out: their file would answer what the model
refuses, a word outside its vocabulary with the vector of another.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from tensorflow.core.framework.types_pb2 import DT_RESOURCE

_ASSERTIONS = ("Assert", "CheckNumerics", "CheckNumericsV2")


def assertion_about_inputs(graph: Any) -> str | None:
    """Returns the name of the first assertion that an input can fail, or None.

    Args:
        graph: A `tf.Graph`; its functions are searched as well.
    """
    definition = graph.as_graph_def()
    resources = {
        node.name for node in definition.node if node.attr["dtype"].type == DT_RESOURCE
    }
    nodes = {node.name: node for node in definition.node if node.op != "Placeholder"}
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
        if name not in nodes:
            return True  # an input of the graph or the function
        waiting.extend(nodes[name].input)
    return False
