"""A conversion that depends on the graph alone, not on names, counters or addresses.

tf2onnx visits sets of nodes and of their names in whatever order Python has them, and
decides by it which transposes move where. Keras counts layers up in a process.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from unittest import mock

import tensorflow as tf
import tf2onnx


@contextlib.contextmanager
def deterministic() -> Iterator[None]:
    """Makes tf2onnx count from the start, and visit nodes in the order of names."""
    graph = tf2onnx.graph.Graph
    with contextlib.ExitStack() as stack:
        for name in ("find_output_consumers", "extract_sub_graph_nodes"):
            method = _sorted(getattr(graph, name))
            stack.enter_context(mock.patch.object(graph, name, method))
        stack.enter_context(mock.patch.object(tf2onnx.utils, "INTERNAL_NAME", 1))
        yield


def _sorted(method: Callable) -> Callable:
    def in_order(*arguments: Any, **options: Any) -> list:
        return sorted(method(*arguments, **options), key=lambda node: node.name)

    return in_order


def renamed(graph: tf.compat.v1.GraphDef) -> tuple[Any, dict[str, str]]:
    """Numbers the nodes and functions of a graph.

    Returns:
        The graph, and the new names of its nodes by their old ones.
    """
    result = tf.compat.v1.GraphDef()
    result.CopyFrom(graph)
    library = result.library.function
    functions = {each.signature.name: f"f{i}" for i, each in enumerate(library)}
    nodes = _rename_nodes(result.node, functions, {}, "n")
    for function in library:
        signature = function.signature
        # tf2onnx looks for what it does not find in a function around it.
        signature.name = name = functions[signature.name]
        inputs = _numbered(signature.input_arg, f"{name}i")
        outputs = _numbered(signature.output_arg, f"{name}o")
        inner = _rename_nodes(function.node_def, functions, inputs, f"{name}n")
        for table, keys in ((function.ret, outputs), (function.control_ret, {})):
            entries = {keys.get(k, k): _follow(v, inner) for k, v in table.items()}
            table.clear()
            table.update(entries)
    return result, nodes


def _numbered(arguments: Any, prefix: str) -> dict[str, str]:
    names = {each.name: f"{prefix}{i}" for i, each in enumerate(arguments)}
    for each in arguments:
        each.name = names[each.name]
    return names


def _rename_nodes(
    nodes: Any, functions: Mapping[str, str], names: Mapping[str, str], prefix: str
) -> dict[str, str]:
    """Numbers nodes in place; returns new names by old ones, with the given ones."""
    width = len(str(len(nodes)))
    found = {**names} | {
        each.name: f"{prefix}{i:0{width}}" for i, each in enumerate(nodes)
    }
    for node in nodes:
        node.name = found[node.name]
        node.attr.pop("_class", None)  # what it is placed beside, by name
        inputs = [_follow(each, found) for each in node.input]
        node.ClearField("input")
        node.input.extend(inputs)
        for attribute in node.attr.values():
            for each in (attribute.func, *attribute.list.func):
                if each.name:
                    each.name = functions[each.name]
    return found


def _follow(reference: str, names: Mapping[str, str]) -> str:
    """Returns a reference such as `^node` or `node:output:0` with the new name."""
    control = "^" * reference.startswith("^")
    name, *rest = reference.removeprefix("^").split(":")
    return control + ":".join([names[name], *rest])
