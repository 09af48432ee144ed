"""Which sizes of its inputs does a model's own Python code ask for, and what of them?

Code such as `if x.shape[0] == 8` takes one way or the other when a model is called, but
is gone from its graph: there the size is open, so it was None. A size that such code
asks for is replaced by an integer that remembers what it is compared with, so that
sizes can be found for which the code goes another way.

Keras, TensorFlow and the packages of this project ask for sizes all the time, and know
what an open one is: only what other code asks for counts.
"""

import contextlib
import dataclasses
import operator
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, Self
from unittest import mock

import keras
import numpy as np
import tensorflow as tf

import custom_layers
import zoo

Predicate = Callable[[int], Any]
_MOST_PREDICATES = 256
_PACKAGES = tuple(
    f"{Path(str(each.__file__)).parent}/"
    for each in (keras, tf, np, custom_layers, zoo)
) + (f"{Path(__file__).parent}/",)
_OTHERS = ("/keras_hub/", "/keras/src/", "/tensorflow/python/", "/unittest/mock.py")
_ARITHMETIC = (
    "add sub mul floordiv truediv mod pow radd rsub rmul rfloordiv rtruediv rmod rpow"
)
_GENERATED = "__autograph_generated_file"  # of a `tf.function`
_COMPARISONS = "eq ne lt le gt ge"
# What says whether there is a graph, or reads numbers that a graph does not have.
_OF_TENSORS = "__len__ __bool__ __int__ __float__ __index__ __array__ numpy"
_OF_TENSORFLOW = "executing_eagerly inside_function is_symbolic_tensor get_static_value"
_OF_SHAPES = (
    "__getitem__ __iter__ __eq__ __hash__ __str__ __repr__ as_list as_proto "
    "num_elements is_fully_defined is_compatible_with assert_is_compatible_with"
)


@dataclasses.dataclass
class Log:
    """What was asked.

    Args:
        sizes: Of the axes in this call; their multiples count as well, since rows and
            steps are often reshaped into one axis.
        is_tracked: Whether the first of them is replaced; else it is only seen who
            asks.
        places: Of the code, such as `file.py, line 3`.
        predicates: Of the size, each a condition of the code.
        is_hidden: Whether the code can tell in other ways that there is no graph.
    """

    sizes: tuple[int, ...]
    is_tracked: bool = False
    places: list[str] = dataclasses.field(default_factory=list)
    predicates: list[Predicate] = dataclasses.field(default_factory=list)
    is_hidden: bool = False

    def asked(self, frame: FrameType, *, is_hidden: bool = True) -> None:
        """Notes a place of the code."""
        code = frame.f_code
        place = f"{Path(code.co_filename).name}, line {frame.f_lineno}"
        if _GENERATED in code.co_filename:
            place = f"function {code.co_name.removeprefix('tf__')!r}"
        if place not in self.places:
            self.places.append(place)
        self.is_hidden |= is_hidden

    def compared(self, predicate: Predicate) -> None:
        """Notes a condition."""
        if len(self.predicates) < _MOST_PREDICATES:
            self.predicates.append(predicate)

    def concerns(self, value: Any) -> bool:
        """Whether that may be one of the sizes, or have it as a factor."""
        is_size = type(value) is int and value > 0
        return is_size and any(s > 1 and value % s == 0 for s in self.sizes)

    def replaced(self, value: Any) -> Any:
        """Returns a size, or several, that remember what they are compared with."""
        if isinstance(value, tuple | list):
            return type(value)(map(self.replaced, value))
        if not self.is_tracked or not self.concerns(value):
            return value
        factor = value // self.sizes[0]
        return Size.of(value, lambda n: factor * n, self)


class _Tracked:
    """A number that is a function of a size."""

    function: Predicate
    log: Log

    @classmethod
    def of(cls, value: Any, function: Predicate, log: Log) -> Self:
        """Returns the number for the size of this call, with the function."""
        found = cls(value)  # type: ignore[call-arg]
        found.function, found.log = function, log
        return found

    def __bool__(self) -> bool:
        self.log.compared(lambda n: bool(self.function(n)))
        return self != 0

    def __hash__(self) -> int:
        return super().__hash__()


class Size(_Tracked, int):
    """A whole number that is a function of a size."""


class Ratio(_Tracked, float):
    """Another number that is a function of a size."""


def _computing(name: str) -> Callable:
    special = f"__{name}__"

    def compute(self: Any, *others: Any) -> Any:
        value = getattr(self.__class__.__mro__[2], special)(self, *others)
        if value is NotImplemented:
            return value

        def function(n: int) -> Any:
            at = [each.function(n) if _is_tracked(each) else each for each in others]
            own = self.function(n)
            found = getattr(own, special)(*at)
            # 3 < 0.5 is a question to 0.5.
            return _reflected(special, own, at) if found is NotImplemented else found

        if isinstance(value, bool):
            self.log.compared(function)
            return value
        kind = {int: Size, float: Ratio}.get(type(value))
        return value if kind is None else kind.of(value, function, self.log)

    return compute


def _is_tracked(value: Any) -> bool:
    return isinstance(value, _Tracked)


def _reflected(special: str, own: Any, others: list[Any]) -> Any:
    name = special.strip("_")
    if name.startswith("r") and hasattr(operator, name[1:]):
        return getattr(operator, name[1:])(*others, own)
    return getattr(operator, name)(own, *others)


for _name in f"{_ARITHMETIC} {_COMPARISONS} neg abs".split():
    for _kind in (Size, Ratio):
        setattr(_kind, f"__{_name}__", _computing(_name))


@contextlib.contextmanager
def watched(*sizes: int, is_tracked: bool = False) -> Iterator[Log]:
    """Sees which code asks for sizes of tensors while it computes.

    Args:
        sizes: Of the axes that are concerned; one alone if it is tracked.
        is_tracked: Whether it is replaced.
    """
    log = Log(sizes, is_tracked)
    shape, tensor = tf.TensorShape, type(tf.constant(0)).__mro__[1]
    core = keras.src.backend.core
    with contextlib.ExitStack() as stack:
        for name in _OF_SHAPES.split():
            _patch(stack, shape, name, _of_shape(getattr(shape, name), log))
        _patch(stack, core, "shape", _of_keras(core.shape, log))
        for name in _OF_TENSORS.split():
            if name in vars(tensor):
                _patch(stack, tensor, name, _seen(getattr(tensor, name), log))
        for name in _OF_TENSORFLOW.split():
            _patch(stack, tf, name, _seen(getattr(tf, name), log))
        yield log


def _patch(stack: contextlib.ExitStack, owner: Any, name: str, function: Any) -> None:
    stack.enter_context(mock.patch.object(owner, name, function))


def _own(frame: FrameType) -> bool:
    """Whether the code is neither a library's that knows open sizes nor ours."""
    file = frame.f_code.co_filename
    return not file.startswith(_PACKAGES) and not any(each in file for each in _OTHERS)


def _of_shape(function: Callable, log: Log) -> Callable:
    """Watches a method of the shape of a tensor."""

    def asked(self: Any, *arguments: Any) -> Any:
        frame = sys._getframe(1)
        if not _own(frame) or not any(map(log.concerns, self._dims or ())):
            return function(self, *arguments)
        name = function.__name__
        if name == "__getitem__" and isinstance(arguments[0], slice):
            return function(self, *arguments)  # whose elements are asked for later
        if name == "__eq__":
            log.asked(frame)
            other = arguments[0]
            other = other._dims if isinstance(other, tf.TensorShape) else other
            is_known = isinstance(other, tuple | list)
            return is_known and log.replaced(self._dims) == tuple(other)
        found = function(self, *arguments)
        found = list(found) if name == "__iter__" else found
        values = found if isinstance(found, list) else [found]
        if name == "__getitem__" and not any(map(log.concerns, values)):
            return found  # another size
        log.asked(frame)
        found = log.replaced(found)
        return iter(found) if name == "__iter__" else found

    return asked


def _of_keras(function: Callable, log: Log) -> Callable:
    """Watches `keras.ops.shape`, whose open sizes are tensors in a graph."""

    def asked(x: Any) -> Sequence[Any]:
        frame = sys._getframe(1)
        if frame.f_code is keras.ops.shape.__code__ and frame.f_back:
            frame = frame.f_back
        found = function(x)
        if not _own(frame) or not any(map(log.concerns, found)):
            return found
        log.asked(frame, is_hidden=False)
        return log.replaced(found)

    return asked


def _seen(function: Callable, log: Log) -> Callable:
    """Watches a function that does otherwise in a graph."""

    def asked(*arguments: Any, **options: Any) -> Any:
        frame = sys._getframe(1)
        if _own(frame):
            log.asked(frame)
        return function(*arguments, **options)

    return asked
