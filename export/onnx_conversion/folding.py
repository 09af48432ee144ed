"""Folds what depends on constants only: a converter leaves shapes of constants."""

from typing import Any

import onnx
from onnx import ModelProto, NodeProto, TensorProto
from onnx.reference import ReferenceEvaluator

_LARGEST = 1 << 20  # bytes that a folded node may add to the file
_RANDOM = ("Random", "Multinomial", "Bernoulli")


def folded(model: ModelProto) -> ModelProto:
    """Returns the model with each node computed whose inputs are all constants."""
    result = ModelProto()
    result.CopyFrom(model)
    graph = result.graph
    constants = {each.name: each for each in graph.initializer}
    outputs = {each.name for each in graph.output}
    nodes = []
    for node in graph.node:
        values = (
            _values(node, constants, model) if _is_foldable(node, constants) else []
        )
        if values and not outputs & set(node.output):
            constants |= {each.name: each for each in values}
            graph.initializer.extend(values)
        else:
            nodes.append(node)
    del graph.node[:]
    graph.node.extend(nodes)
    return result


def _is_foldable(node: NodeProto, constants: dict[str, TensorProto]) -> bool:
    return (
        len(node.input) > 0
        and all(name in constants for name in node.input if name)
        and not node.op_type.startswith(_RANDOM)
        and not any(each.HasField("g") for each in node.attribute)
    )


def _values(
    node: NodeProto, constants: dict[str, TensorProto], model: ModelProto
) -> list[TensorProto]:
    """Returns the outputs of a node; none if they are large."""
    inputs = {
        name: onnx.numpy_helper.to_array(constants[name]) for name in node.input if name
    }
    imports = {each.domain: each.version for each in model.opset_import}
    evaluator = ReferenceEvaluator(node, opsets=imports)
    arrays: list[Any] = list(evaluator.run(None, inputs))
    if sum(each.nbytes for each in arrays) > _LARGEST:
        return []
    return [
        onnx.numpy_helper.from_array(array, name)
        for name, array in zip(node.output, arrays, strict=True)
        if name
    ]
