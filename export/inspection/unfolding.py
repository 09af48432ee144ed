"""How large a graph becomes once the functions that it calls are inlined."""

import graphlib
from collections import Counter
from collections.abc import Hashable, Mapping
from typing import TypeVar

# A function that calls another one twice, and so on, unfolds like a bomb.
UNFOLDED_TIMES, UNFOLDED_LEAST = 50, 100_000

K = TypeVar("K", bound=Hashable)


class UnfoldingError(ValueError):
    """Functions that call themselves, or unfold to more than a runtime can hold."""


def check_calls(bodies: Mapping[K, Counter[K]]) -> None:
    """Checks the calls of functions without inlining them.

    Args:
        bodies: By function, and by a name that none calls for the graph itself, how
            often its nodes name each operator or function.

    Raises:
        UnfoldingError: If functions call each other in a circle, or one of the bodies
            unfolds to more than `UNFOLDED_TIMES` the nodes that are there.

    Example:

    >>> check_calls({"": Counter({"f": 2}), "f": Counter({"Add": 3})})
    >>> check_calls({"f": Counter({"f": 1})})
    Traceback (most recent call last):
    ...
    export.inspection.unfolding.UnfoldingError: function 'f' calls itself through others
    """
    called = {name: body.keys() & bodies.keys() for name, body in bodies.items()}
    try:
        order = list(graphlib.TopologicalSorter(called).static_order())
    except graphlib.CycleError as error:
        raise UnfoldingError(
            f"function {error.args[1][0]!r} calls itself through others"
        ) from error
    held = sum(body.total() for body in bodies.values())
    limit = max(UNFOLDED_LEAST, UNFOLDED_TIMES * held)
    sizes: dict[K, int] = {}
    for name in order:
        sizes[name] = sum(
            count * sizes.get(each, 1) for each, count in bodies[name].items()
        )
        if sizes[name] > limit:
            raise UnfoldingError(
                f"the calls of its functions unfold to more than {limit:,} operators"
            )
