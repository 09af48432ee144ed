"""What the tests of ONNX look at: the model that a Keras model becomes, and its run."""

import collections
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import onnx
import onnxruntime

from export.formats import find_format
from export.signature import NAME, signature_of


def written(model: keras.Model, folder: Path) -> onnx.ModelProto:
    """Writes a model as ONNX; returns what was written."""
    find_format("onnx").write({NAME: signature_of(model)}, folder, {"name": "model"})
    return onnx.load(folder / "model.onnx")


def run(model: onnx.ModelProto, inputs: Mapping[str, np.ndarray]) -> list[np.ndarray]:
    """Computes the outputs with ONNX Runtime."""
    session = onnxruntime.InferenceSession(model.SerializeToString())
    return session.run(None, dict(inputs))


def nodes(graph: onnx.GraphProto) -> Iterator[onnx.NodeProto]:
    """Yields the nodes, and those of the graphs inside them."""
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                yield from nodes(attribute.g)


def operators(model: onnx.ModelProto) -> collections.Counter[str]:
    """Counts the operators."""
    return collections.Counter(node.op_type for node in nodes(model.graph))


def attributes(node: onnx.NodeProto) -> dict[str, Any]:
    """Returns the attributes of a node."""
    return {each.name: onnx.helper.get_attribute_value(each) for each in node.attribute}


def all_constants(graph: onnx.GraphProto) -> Iterator[onnx.NodeProto]:
    """Yields the nodes that read nothing but constants."""
    constants = {each.name for each in graph.initializer}
    for node in graph.node:
        if node.input and constants.issuperset(filter(None, node.input)):
            yield node
