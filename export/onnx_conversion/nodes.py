"""Changes of nodes in a graph of tf2onnx."""

from typing import Any

import numpy as np
from tf2onnx import utils


def replace(
    graph: Any, node: Any, operator: str, inputs: list[str], **options: Any
) -> None:
    """Puts a node of another operator, with the same outputs, in the place of one."""
    options |= {"outputs": list(node.output), "shapes": list(node.output_shapes)}
    options |= {"name": node.name, "dtypes": list(node.output_dtypes)}
    graph.remove_node(node.name)
    graph.make_node(operator, inputs, **options)


def constant(graph: Any, name: str, value: np.ndarray) -> str:
    """Adds a constant; returns the name of its tensor."""
    return graph.make_const(utils.make_name(name), value).output[0]
