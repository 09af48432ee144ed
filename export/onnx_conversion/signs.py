"""May a number that a graph computes be negative?"""

from collections import ChainMap
from collections.abc import Mapping

import onnx
from onnx import GraphProto, NodeProto, TensorProto

NEVER_NEGATIVE = TensorProto(name="never_negative", data_type=TensorProto.INT64)
"""Stands for what is only known to be at least 0."""

Sources = ChainMap[str, NodeProto | TensorProto]
"""The node or the constant that a tensor comes from; inputs have none."""

_NEVER = ("Shape", "Size", "ArgMax", "ArgMin", "NonZero", "Abs", "Relu")
# Which inputs an output is taken from, or must not be negative for it to be none.
_FIRST = (
    *("Cast", "Identity", "Reshape", "Squeeze", "Unsqueeze", "Transpose", "Slice"),
    *("Expand", "Tile", "Flatten", "Split", "Gather", "GatherElements", "GatherND"),
    *("CumSum", "Compress"),
)
_ALL = ("Concat", "Add", "Mul", "Min", "Sum", "Div")
_SOME = ("Max", "Clip", "BitwiseAnd")  # one that is not negative is enough


class Signs:
    """Signs of the tensors of a graph.

    Args:
        sources: Of its tensors.
    """

    def __init__(self, sources: Sources) -> None:
        self.sources = sources

    def may_be_negative(self, name: str) -> bool:
        """Whether a tensor may hold numbers below 0; True where that is not known."""
        source = self.sources.get(name)
        if source is None:
            return True
        if source is NEVER_NEGATIVE:
            return False
        if isinstance(source, TensorProto):
            return bool((onnx.numpy_helper.to_array(source) < 0).any())
        return self._of_node(source, list(source.output).index(name))

    def _of_node(self, node: NodeProto, output: int) -> bool:
        kind, inputs = node.op_type, [each for each in node.input if each]
        if kind in _NEVER or (kind in ("Unique", "TopK") and output > 0):
            return False
        if kind == "LabelEncoder":
            return _has_negative_labels(node)
        if kind in _FIRST or kind in ("Unique", "TopK"):
            return self.may_be_negative(inputs[0])
        if kind in _ALL:
            return any(map(self.may_be_negative, inputs))
        if kind in _SOME:
            return all(map(self.may_be_negative, inputs))
        if kind == "Where":
            return any(map(self.may_be_negative, inputs[1:]))
        if kind == "Mod":  # it has the sign of the divisor
            return self.may_be_negative(inputs[1])
        if kind == "Range":
            return any(map(self.may_be_negative, (inputs[0], inputs[2])))
        return True

    def of_inputs(
        self, node: NodeProto, graph: GraphProto
    ) -> Mapping[str, NodeProto | TensorProto]:
        """Returns the inputs of a node's inner graph that are never negative."""
        if node.op_type == "Scan":
            outer = list(node.input)
        elif node.op_type == "Loop":
            outer = ["", *node.input[1:]]
        else:
            return {}
        known = {
            inner.name: NEVER_NEGATIVE
            for inner, name in zip(graph.input, outer, strict=True)
            if not name or not self.may_be_negative(name)
        }
        return self._kept(node, graph, known)

    def _kept(
        self, node: NodeProto, graph: GraphProto, known: dict[str, TensorProto]
    ) -> Mapping[str, NodeProto | TensorProto]:
        """Returns those states that a round keeps from becoming negative."""
        states, results = _states(node, graph)
        while True:
            sources = self.sources.new_child(
                {each.name: each for each in graph.initializer}
            )
            for each in graph.node:
                sources.update(dict.fromkeys(each.output, each))
            inner = Signs(sources.new_child(known))
            lost = [
                state
                for state, result in zip(states, results, strict=True)
                if state in known and inner.may_be_negative(result)
            ]
            if not lost:
                return known
            known = {name: known[name] for name in known if name not in lost}


def _states(node: NodeProto, graph: GraphProto) -> tuple[list[str], list[str]]:
    """Returns the states of a loop's body, and what a round makes of them."""
    inputs, outputs = ([x.name for x in each] for each in (graph.input, graph.output))
    if node.op_type == "Loop":  # of (iteration, condition, states)
        return inputs[1:], outputs[: len(inputs) - 1]
    scanned = next(x.i for x in node.attribute if x.name == "num_scan_inputs")
    count = len(inputs) - scanned
    return inputs[:count], outputs[:count]


def _has_negative_labels(node: NodeProto) -> bool:
    values = {each.name: each for each in node.attribute}
    if "values_int64s" not in values:
        return True
    default = values["default_int64"].i if "default_int64" in values else -1
    return min(*values["values_int64s"].ints, default) < 0
