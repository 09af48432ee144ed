"""Functions of numbers that ONNX lacks, by those that it has."""

from typing import Any

from export.onnx_conversion.nodes import add, constant, replace, type_of


def erfc(graph: Any, node: Any, *_: Any) -> None:
    r""":math:`\operatorname{erfc}(x) = 1 - \operatorname{erf}(x)`."""
    (x,) = node.input
    one = constant(graph, 1, type_of(graph, x))
    replace(graph, node, "Sub", [one, add(graph, "Erf", [x])])


def expm1(graph: Any, node: Any, *_: Any) -> None:
    r""":math:`e^x - 1 = \tanh(x / 2) (e^x + 1)`, exact near zero."""
    (x,) = node.input
    kind = type_of(graph, x)
    half = add(graph, "Mul", [x, constant(graph, 0.5, kind)])
    above = add(graph, "Add", [add(graph, "Exp", [x]), constant(graph, 1, kind)])
    replace(graph, node, "Mul", [add(graph, "Tanh", [half]), above])


def log1p(graph: Any, node: Any, *_: Any) -> None:
    r""":math:`\log(1 + x) = 2 \operatorname{artanh}(x / (x + 2))`, exact near zero.

    Far from zero the logarithm itself is exact, and the fraction rounds to 1.
    """
    (x,) = node.input
    kind = type_of(graph, x)
    two = constant(graph, 2, kind)
    fraction = add(graph, "Div", [x, add(graph, "Add", [x, two])])
    near = add(graph, "Mul", [add(graph, "Atanh", [fraction]), two])
    sum_ = add(graph, "Add", [x, constant(graph, 1, kind)])
    far = add(graph, "Log", [sum_])
    small = constant(graph, 0.5, kind)
    is_near = add(graph, "Less", [add(graph, "Abs", [x]), small])
    replace(graph, node, "Where", [is_near, near, far])
