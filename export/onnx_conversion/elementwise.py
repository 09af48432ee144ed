"""Functions of numbers that ONNX lacks, or rounds otherwise, by those that it has."""

from typing import Any

import numpy as np

from export.onnx_conversion.nodes import add, constant, replace, type_of
from export.onnx_conversion.refusals import inexpressible


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


def floor_divide(graph: Any, node: Any, *_: Any) -> None:
    r""":math:`\lfloor x / y \rfloor`; ONNX divides integers towards zero."""
    x, y = node.input
    kind = type_of(graph, x)
    quotient = add(graph, "Div", [x, y])
    if kind.startswith("float"):
        replace(graph, node, "Floor", [quotient])
        return
    remainder = add(graph, "Sub", [x, add(graph, "Mul", [quotient, y])])
    too_large = _has_other_sign(graph, remainder, y, kind)
    one = add(graph, "Cast", [too_large], attr={"to": graph.get_dtype(x)})
    replace(graph, node, "Sub", [quotient, one])


def floor_modulo(graph: Any, node: Any, *_: Any) -> None:
    r""":math:`x - \lfloor x / y \rfloor y`, with the sign of :math:`y`."""
    x, y = node.input
    kind = type_of(graph, x)
    if not kind.startswith("float"):
        replace(graph, node, "Mod", [x, y])
        return
    remainder = add(graph, "Mod", [x, y], attr={"fmod": 1})
    other = _has_other_sign(graph, remainder, y, kind)
    shifted = add(graph, "Add", [remainder, y])
    replace(graph, node, "Where", [other, shifted, remainder])


def _has_other_sign(graph: Any, remainder: str, y: str, kind: str) -> str:
    """Whether a remainder is not 0 and has another sign than the divisor."""
    zero = constant(graph, 0, kind)
    is_zero = add(graph, "Equal", [remainder, zero])
    signs = [add(graph, "Less", [each, zero]) for each in (remainder, y)]
    differ = add(graph, "Xor", signs)
    return add(graph, "And", [add(graph, "Not", [is_zero]), differ])


def atan2(graph: Any, node: Any, *_: Any) -> None:
    r""":math:`\operatorname{atan2}(y, x)`, also of infinities and signed zeros.

    It is :math:`\operatorname{sgn}(y) a` for :math:`a = \arctan(|y| / |x|)`, or
    :math:`\operatorname{sgn}(y) (\pi - a)` where :math:`x` is negative.
    """
    y, x = node.input
    kind = type_of(graph, x)
    high, wide = (add(graph, "Abs", [each]) for each in (y, x))
    is_equal = add(graph, "Equal", [high, wide])  # both may be 0, or infinite
    ratio = add(graph, "Div", [high, wide])
    ratio = add(graph, "Where", [is_equal, add(graph, "Sign", [high]), ratio])
    angle = add(graph, "Atan", [ratio])
    beyond = add(graph, "Sub", [constant(graph, np.pi, kind), angle])
    angle = add(graph, "Where", [_has_sign(graph, x, kind), beyond, angle])
    mirrored = add(graph, "Neg", [angle])
    replace(graph, node, "Where", [_has_sign(graph, y, kind), mirrored, angle])


def _has_sign(graph: Any, x: str, kind: str) -> str:
    """Whether a number is negative, or negative zero."""
    zero = constant(graph, 0, kind)
    inverse = add(graph, "Div", [constant(graph, 1, kind), x])
    signs = [add(graph, "Less", [each, zero]) for each in (x, inverse)]
    return add(graph, "Or", signs)


def power(graph: Any, node: Any, *_: Any) -> None:
    """A `Pow`; TensorFlow refuses negative powers of integers, ONNX rounds them."""
    kind = np.dtype(type_of(graph, node.output[0])).kind
    if kind in "iu" and not _is_not_negative(node.inputs[1]):
        raise inexpressible("it has no powers of integers that refuse negative ones")
    replace(graph, node, "Pow", list(node.input))


def _is_not_negative(node: Any) -> bool:
    """Whether a node holds constants that are not negative."""
    return node.is_const() and not (node.get_tensor_value(as_list=False) < 0).any()
