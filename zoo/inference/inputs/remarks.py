"""Sentences about single samples, a few of each kind."""

import collections
import contextlib
from collections.abc import Callable, Iterator

from zoo import messages

_FEW = 3


class Remarks:
    """Says the first sentences of a kind, and how many more there were.

    A folder of a million pictures must not fill the terminal.
    """

    def __init__(self) -> None:
        self._counts: collections.Counter[str] = collections.Counter()

    def inform(self, kind: str, sentence: str) -> None:
        """Says what was done to a sample."""
        self._say(messages.inform, kind, sentence)

    def warn(self, kind: str, sentence: str) -> None:
        """Says what may be wrong with a sample."""
        self._say(messages.warn, kind, sentence)

    def _say(self, speak: Callable[[str], None], kind: str, sentence: str) -> None:
        self._counts[kind] += 1
        if self._counts[kind] <= _FEW:
            speak(sentence)

    def end(self) -> None:
        """Says how many sentences were left out."""
        for kind, count in self._counts.items():
            if count > _FEW:
                messages.inform(f"{count - _FEW:,} more {kind}.")
        self._counts.clear()


@contextlib.contextmanager
def remarks() -> Iterator[Remarks]:
    """Yields remarks whose end is said, also where an error ends the reading."""
    found = Remarks()
    try:
        yield found
    finally:
        found.end()
