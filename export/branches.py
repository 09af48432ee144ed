"""Does a model's own Python code answer otherwise for sizes that a graph leaves open?

Where code of the model that is neither Keras' nor ours asks for the size of an open
axis, the model is called with a size that remembers its comparisons. Then its answers
are compared with those of the graph at one size for each way that the comparisons can
turn out, and at common sizes.
"""

import dataclasses
import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from export import parity
from export.errors import ExportError
from export.graph_calls import functions_of_their_own
from export.samples import BATCH_SIZES, Batch, Drawn
from export.tracked_sizes import Predicate, watched
from zoo import messages
from zoo.errors import reason

if TYPE_CHECKING:
    from export.signature import Signature

_COMMON = (2, 8, 4, 16, 32, 3, 5, 6, 9, 10, 11, 12, 13, 14, 15, 64, 128, 256)
_CANDIDATES = (*range(1, 2049), *(2**i for i in range(12, 21)))
_MOST = 32  # sizes that conditions ask for
_LARGEST = 2**24  # elements of the inputs at a size that conditions ask for
_LARGEST_COMMON = 2**20  # of the inputs at all common sizes


@dataclasses.dataclass(frozen=True)
class Axis:
    """The batch, or the open axes behind it.

    Args:
        words: What a size of it is called.
        size: In a call that is watched.
        tested: Sizes at which outputs are compared anyway.
        draw: Makes inputs of a size.
        power: Of the size, that the elements of the inputs grow with.
    """

    words: str
    size: int
    tested: tuple[int, ...]
    draw: Callable[[int], Batch]
    power: int = 1

    def elements(self, size: int) -> float:
        """Returns the number of elements of the inputs of a size."""
        known = sum(array.size for array in self.draw(self.size).values())
        return known * (size / self.size) ** self.power


def open_axes(signature: "Signature") -> list[Axis]:
    """Returns the axes of a signature's inputs whose size is open."""
    draw, found = signature.sample, []
    shapes = [spec.shape.as_list() for spec in signature.inputs if spec.shape.rank]
    if shapes and all(shape[0] is None for shape in shapes):
        found.append(Axis("batches of {}", BATCH_SIZES[-1], BATCH_SIZES, draw))
    power = max((shape[1:].count(None) for shape in shapes), default=0)
    if power and isinstance(draw, Drawn):
        lengths = draw.lengths

        def of_length(length: int) -> Batch:
            sample = dataclasses.replace(draw, lengths=(length, length))
            return sample(BATCH_SIZES[-1])

        words = "inputs with {} steps"
        found.append(Axis(words, lengths[-1], lengths, of_length, power))
    return found


def check(signature: "Signature") -> None:
    """Compares the model with its graph at the sizes that its own code tells apart.

    Raises:
        ExportError: If the answers differ at one of them.
    """
    for axis in open_axes(signature):
        _Comparison(signature, axis).run()


class _Comparison:
    """The comparison along an axis."""

    def __init__(self, signature: "Signature", axis: Axis) -> None:
        self.signature, self.axis = signature, axis
        self.predicates: list[Predicate] = []
        self.places: list[str] = []
        self.is_hidden = False
        self.tolerance = parity.tolerance(signature.call.model.weights)

    def run(self) -> None:
        self._ask(self.axis.size)
        tested = set(self.axis.tested)
        for size in self._sizes(tested):
            tested.add(size)
            if self._compare(size):
                self._ask(size)
        elements = 0.0
        for size in _COMMON if self.is_hidden else ():
            elements += self.axis.elements(size)
            if size not in tested and elements <= _LARGEST_COMMON:
                self._compare(size)

    def _sizes(self, tested: set[int]) -> Iterator[int]:
        """Yields a size for each way that the conditions known by then turn out."""
        for _ in range(_MOST):
            ways = {_way(self.predicates, size) for size in tested}
            size = next(
                (n for n in _CANDIDATES if _way(self.predicates, n) not in ways), None
            )
            if size is None:
                return
            if self.axis.elements(size) > _LARGEST:
                messages.warn(
                    f"Python code of model {self.signature.call.model.name!r} "
                    f"({self.places[0]}) treats {self.axis.words.format(size)} in a "
                    "way of their own; these are too large to be compared here."
                )
                return
            yield size

    def _ask(self, size: int) -> None:
        """Calls the model with a size that remembers what it is compared with."""
        with functions_of_their_own(), watched(size, is_tracked=True) as log:
            try:
                self.signature.as_called(self.axis.draw(size))
            except Exception:  # code that takes plain integers alone
                log.is_hidden = True
        self.predicates += log.predicates
        self.places += log.places
        self.is_hidden |= log.is_hidden and bool(log.places)

    def _compare(self, size: int) -> bool:
        """Compares the model with its graph; returns whether it takes the size."""
        batch, model = self.axis.draw(size), self.signature.call.model
        what = self.axis.words.format(size)
        try:
            want = self.signature(batch)
        except Exception as error:  # whatever the user's code raises
            messages.warn(
                f"Model {model.name!r} does not take {what} ({reason(error)}); its "
                "artifact may answer them."
            )
            return False
        try:
            got = self.signature.in_graph(batch)
            found = {name: parity.largest(got[name], want[name]) for name in want}
        except Exception as error:  # of a graph that cannot compute that
            raise self._differs(what, reason(error)) from error
        name = max(found, key=lambda name: found[name])
        if not found[name] <= self.tolerance:
            far = "" if math.isinf(found[name]) else f" by {found[name]:.3g}"
            raise self._differs(what, f"{name} differs{far}")
        return True

    def _differs(self, what: str, how: str) -> ExportError:
        return ExportError(
            f"Model {self.signature.call.model.name!r} answers {what} otherwise than "
            f"its graph does ({how}): its Python code ({self.places[0]}) asks for a "
            "size that a graph leaves open. Decide with keras.ops.cond on "
            "keras.ops.shape(x), or fix the size (keras.Input(batch_shape=...))."
        )


def _way(predicates: Sequence[Predicate], size: int) -> tuple[object, ...]:
    return tuple(_outcome(predicate, size) for predicate in predicates)


def _outcome(predicate: Predicate, size: int) -> object:
    try:
        return bool(predicate(size))
    except (ArithmeticError, TypeError, ValueError) as error:  # such as 1 // (n - 1)
        return type(error)
