"""What the workers do, in memory that outlives each of them."""

import enum
import mmap
import time
from collections.abc import Sequence

BEAT_SECONDS = 0.5  # between two signs of life of a worker
REFUSED_SECONDS = 600

_COMPUTED = 256  # inferences of a worker at a time; further ones are not noted
_ROWS = 64  # inferences that are suspected or refused; the oldest give way
_KEY, _UNTIL, _VERDICT = range(3)
_WORD = 8


class Verdict(enum.IntEnum):
    """What is known of an inference that was computed when a worker died."""

    SUSPECTED = 1
    REFUSED = 2


class SharedState:
    """Memory that processes share which are forked after it was made.

    A fault (SIGABRT, SIGSEGV) in a worker that computed one inference convicts it. Of
    several, and of those of a worker that hung, each is suspected: it runs again, in no
    batch with others. Who comes through is acquitted, who was there when another worker
    died is convicted. Whatever is known is forgotten after `REFUSED_SECONDS`.

    Args:
        workers: Number of slots.

    Example:

    >>> state = SharedState(workers=2)
    >>> places = state.begin(0, [11])
    >>> state.blame(0)  # It computed one.
    1
    >>> state.verdict(11)
    <Verdict.REFUSED: 2>
    """

    def __init__(self, workers: int) -> None:
        self._first_row = 1 + workers * (1 + _COMPUTED)
        size = self._first_row + 3 * _ROWS
        self._words = memoryview(mmap.mmap(-1, size * _WORD)).cast("Q")
        self._workers = workers
        # Of each worker's own copy.
        self._free = list(range(_COMPUTED))

    @property
    def cases(self) -> int:
        """How many inferences are suspected or refused."""
        return self._words[0]

    def beat(self, slot: int) -> None:
        """Says that a worker lives."""
        self._words[1 + slot] += 1

    def beats(self, slot: int) -> int:
        """Returns how often a worker has said that it lives."""
        return self._words[1 + slot]

    def begin(self, slot: int, keys: Sequence[int]) -> list[int]:
        """Notes what a worker computes from now on; returns what `end` takes."""
        start, words, free = self._start(slot), self._words, self._free
        places = []
        for key in keys:
            if not free:
                break
            place = start + free.pop()
            words[place] = key
            places.append(place)
        return places

    def end(self, slot: int, places: Sequence[int]) -> None:
        """Forgets what was computed, and acquits it."""
        start, words, free = self._start(slot), self._words, self._free
        for place in places:
            if words[0]:
                self._acquit(words[place])
            words[place] = 0
            free.append(place - start)

    def blame(self, slot: int, is_certain: bool = True) -> int:
        """Convicts or suspects what a dead worker computed; returns how much it was.

        Args:
            slot: Of the worker.
            is_certain: Whether it died of what it did, and was not ended by others.
        """
        keys = self.forget(slot)
        is_alone = is_certain and len(keys) == 1
        for key in keys:
            row = self._row(key)
            convicted = is_alone or (row and self._words[row + _VERDICT])
            self._write(
                row or self._row_to_use(),
                key,
                Verdict.REFUSED if convicted else Verdict.SUSPECTED,
            )
        self.expire()
        return len(keys)

    def forget(self, slot: int) -> set[int]:
        """Returns what a dead worker computed, and forgets it."""
        start = self._start(slot)
        computed = self._words[start : start + _COMPUTED]
        keys = set(computed) - {0}
        for place in range(_COMPUTED):
            computed[place] = 0
        return keys

    def verdict(self, key: int) -> Verdict | None:
        """Returns what is known of an inference."""
        row = self._row(key)
        if not row or self._words[row + _UNTIL] < time.monotonic_ns():
            return None
        return Verdict(self._words[row + _VERDICT])

    def expire(self) -> None:
        """Forgets what is known for too long."""
        now, words, count = time.monotonic_ns(), self._words, 0
        for row in self._rows():
            if words[row + _UNTIL] < now:
                words[row] = 0
            count += words[row] != 0
        words[0] = count

    def _acquit(self, key: int) -> None:
        row = self._row(key)
        if row and self._words[row + _VERDICT] == Verdict.SUSPECTED:
            self._words[row] = 0

    def _start(self, slot: int) -> int:
        return 1 + self._workers + slot * _COMPUTED

    def _rows(self) -> range:
        return range(self._first_row, self._first_row + 3 * _ROWS, 3)

    def _row(self, key: int) -> int:
        """Returns the place of what is known of an inference, 0 if nothing is."""
        return next((row for row in self._rows() if self._words[row] == key), 0)

    def _row_to_use(self) -> int:
        words = self._words
        return min(self._rows(), key=lambda row: words[row] and words[row + _UNTIL])

    def _write(self, row: int, key: int, verdict: Verdict) -> None:
        words = self._words
        words[row + _UNTIL] = time.monotonic_ns() + REFUSED_SECONDS * 10**9
        words[row + _VERDICT] = verdict
        words[row + _KEY] = key
