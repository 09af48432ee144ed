"""One conversion for all signatures that return outputs of one call."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import onnx

from export.onnx_conversion.conversion import convert

if TYPE_CHECKING:
    from export.signatures.base import AnySignature


def convert_all(
    signatures: "Mapping[str, AnySignature]", opset: int
) -> "Iterator[tuple[str, onnx.ModelProto]]":
    """Yields the converted model of each signature.

    Args:
        signatures: By name.
        opset: Version of ONNX' operators.

    Raises:
        ExportError: If ONNX cannot express one of them.
    """
    wholes: dict[int, onnx.ModelProto] = {}
    for name, signature in signatures.items():
        whole = getattr(signature, "whole", None)
        if whole is None:
            yield name, convert(signature, opset)
            continue
        if id(whole) not in wholes:
            wholes[id(whole)] = convert(whole, opset)
        names = list(signature.describe()["outputs"])
        yield name, with_outputs(wholes[id(whole)], names)


def with_outputs(model: onnx.ModelProto, names: list[str]) -> onnx.ModelProto:
    """Returns a model with only these outputs, and what they are computed from."""
    found = onnx.ModelProto()
    found.CopyFrom(model)
    graph = found.graph
    needed, kept = set(names), []
    for node in reversed(graph.node):
        if needed.intersection(node.output):
            kept.append(node)
            needed.update(_inputs(node))
    _replace(graph.node, reversed(kept))
    _replace(graph.output, [each for each in graph.output if each.name in names])
    _replace(graph.initializer, [x for x in graph.initializer if x.name in needed])
    del graph.value_info[:]
    return found


def _inputs(node: onnx.NodeProto) -> Iterator[str]:
    """Yields what a node reads, in the graphs within it as well."""
    yield from node.input
    for attribute in node.attribute:
        for graph in (*attribute.graphs, attribute.g):
            for inner in graph.node:
                yield from _inputs(inner)
            for output in graph.output:
                yield output.name


def _replace(field, values) -> None:  # noqa: ANN001
    copies = list(values)
    del field[:]
    field.extend(copies)
