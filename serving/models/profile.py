"""What is known of a signature when it has to be decided where a call of it runs."""

from collections.abc import Mapping

import numpy as np

from serving.engines.base import Traits

INLINE_SECONDS = 0.002  # a call that takes longer would keep other requests waiting
# Weights of a duration above and below the moving average: it stays near the shorter
# ones, because what interrupts a call says nothing of the call.
_WEIGHT_ABOVE, _WEIGHT_BELOW = 0.1, 0.5
_LONGEST = 2 * INLINE_SECONDS  # Longer durations count as this.
_TRUST = 0.95


class Profile:
    """The durations of a signature by size of its inputs.

    The duration of a call is a moving average over calls of about its size, the number
    of elements to the next power of two.

    Args:
        traits: Of the signature.
        has_independent_rows: Whether the rows of a batch are known not to influence
            each other.

    Example:

    >>> profile = Profile(Traits(has_loops=False))
    >>> profile.inline_seconds(1000)
    >>> profile.record(1000, 0.0001)
    >>> profile.inline_seconds(1000), profile.inline_seconds(2000)
    (0.0001, 0.0002)
    >>> profile.inline_seconds(10**6)
    """

    __slots__ = ("_seconds", "has_independent_rows", "traits")

    def __init__(self, traits: Traits, has_independent_rows: bool = False) -> None:
        self.traits = traits
        self.has_independent_rows = has_independent_rows
        self._seconds: dict[int, float] = {}

    def record(self, elements: int, seconds: float) -> None:
        """Notes the duration of one call."""
        size = elements.bit_length()
        seconds = min(seconds, _LONGEST)
        known = self._seconds.get(size, seconds)
        change = seconds - known
        weight = _WEIGHT_ABOVE if change > 0 else _WEIGHT_BELOW
        self._seconds[size] = known + weight * change

    def seconds(self, elements: int) -> float | None:
        """Returns how long a call should take, None where nothing tells.

        Up to four times the size of measured calls, time is taken to grow with size.
        """
        size = elements.bit_length()
        known = self._seconds
        if size in known:
            return known[size]
        for steps in (1, 2):
            if size - steps in known:
                return known[size - steps] * 2**steps
        larger = [each for each in known if each > size]
        return known[min(larger)] if larger else None

    def is_faster_together(self, elements: int, count: int) -> bool:
        """Whether some calls of a size take less time as one batch.

        A no is trusted less each time, so that a batch is tried again now and then.
        """
        alone, together = self.seconds(elements), self.seconds(count * elements)
        if alone is None or together is None or together <= count * alone:
            return True
        size = (count * elements).bit_length()
        self._seconds[size] = together * _TRUST
        return False

    def inline_seconds(self, elements: int | None) -> float | None:
        """Returns how long a call should take in the thread of the event loop.

        None says that it is not for that thread: long, of unknown duration, or with
        loops, whose duration no earlier call tells.
        """
        if elements is None or self.traits.has_loops:
            return None
        seconds = self.seconds(elements)
        return seconds if seconds is not None and seconds < INLINE_SECONDS else None


def count_elements(inputs: Mapping[str, np.ndarray]) -> int | None:
    """Returns the size of the inputs; None for strings, whose size says little."""
    elements = 0
    for array in inputs.values():
        if array.dtype.hasobject:
            return None
        elements += array.size
    return elements
