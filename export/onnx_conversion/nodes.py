"""Nodes in a graph of tf2onnx."""

from typing import Any

import numpy as np
import onnx
from tf2onnx import utils


def add(graph: Any, operator: str, inputs: list[str], **options: Any) -> str:
    """Adds a node of one output; returns the name of its tensor."""
    return graph.make_node(operator, inputs, **options).output[0]


def replace(
    graph: Any, node: Any, operator: str, inputs: list[str], **options: Any
) -> None:
    """Puts a node of another operator, with the same outputs, in the place of one."""
    options |= {"outputs": list(node.output), "shapes": list(node.output_shapes)}
    options |= {"name": node.name, "dtypes": list(node.output_dtypes)}
    graph.remove_node(node.name)
    graph.make_node(operator, inputs, **options)


def constant(graph: Any, value: Any, dtype: str) -> str:
    """Adds a constant; returns the name of its tensor."""
    array = np.array(value, dtype)
    return graph.make_const(utils.make_name("constant"), array).output[0]


def type_of(graph: Any, tensor: str) -> str:
    """Returns the name of NumPy's type of a tensor."""
    return onnx.helper.tensor_dtype_to_np_dtype(graph.get_dtype(tensor)).name
