"""Nodes of a traced graph that stand for one ONNX operator.

While a model is traced for ONNX, a layer or a lookup table that one ONNX operator
computes leaves a node that says which operator, with which attributes; the converter
replaces it. No other operation of TensorFlow can say so much: this one calls a function
of Python by its name, and the name is the description.
"""

import json
from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from export.onnx_conversion.nodes import replace

NODE = "PyFuncStateless"
_KEY = "onnx"


def mark(
    operator: str,
    inputs: Sequence[tf.Tensor | None],
    outputs: Sequence[tf.TensorSpec],
    *,
    domain: str = "",
    **attributes: Any,
) -> list[tf.Tensor]:
    """Adds a node for an ONNX operator to the graph that is traced.

    Args:
        operator: Its name.
        inputs: In the order of the operator; None for one that is left out.
        outputs: Type and shape of each.
        domain: Of the operator, if it is not ONNX' own.
        attributes: Of the operator, as JSON can say them.
    """
    description = {
        _KEY: operator,
        "domain": domain,
        "given": [each is not None for each in inputs],
        "attributes": attributes,
    }
    results = tf.raw_ops.PyFuncStateless(
        input=[each for each in inputs if each is not None],
        token=json.dumps(description),
        Tout=[spec.dtype for spec in outputs],
    )
    return [
        tf.ensure_shape(result, spec.shape)
        for result, spec in zip(results, outputs, strict=True)
    ]


def is_mark(token: str) -> bool:
    """Whether a node is one of `mark`, and no function of Python that a user calls."""
    return token.startswith(f'{{"{_KEY}": ')


def lower(graph: Any, node: Any, _: str, __: Any) -> None:
    """Replaces a node of `mark` by its operator, in a graph of tf2onnx."""
    description = json.loads(node.get_attr_str("token"))
    given = iter(node.input)
    inputs = [next(given) if each else "" for each in description["given"]]
    replace(
        graph,
        node,
        description[_KEY],
        inputs,
        attr=description["attributes"],
        domain=description["domain"],
    )
