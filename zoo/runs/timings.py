"""Timings of a training: wall time of each phase, steps, and memory."""

import contextlib
import datetime
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from zoo.files import write_json
from zoo.machines.memory import peak_memory
from zoo.runs.reading import read_timings

PHASES = ("training", "validation", "saving", "total")


class Timings:
    """Measures a session, and adds it to the earlier ones in a file.

    The clock starts at once. `to_first_step` ends with the first call of the
    engine, which compiles; `steps_per_second` leaves that call out. Steps that
    were lost to a kill and done again count twice.

    Example:

    >>> timings = Timings()
    >>> with timings.measure("training"):
    ...     timings.count(3)
    >>> timings.session()["steps"]
    3
    """

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._started = datetime.datetime.now(datetime.UTC).isoformat("T", "seconds")
        self._seconds: dict[str, float] = dict.fromkeys(PHASES, 0.0)
        self._first: tuple[float, float, int] | None = None
        self._steps = 0
        self._state = "running"
        self._path: Path | None = None
        self._earlier: list[dict[str, Any]] = []

    def open(self, path: Path) -> None:
        """Reads the earlier sessions from a file, and writes to it from now on.

        Raises:
            RunError: If the file is damaged.
        """
        self._path = path
        if path.exists() or path.is_symlink():
            self._earlier = read_timings(path)["sessions"]
        self.write()

    @contextlib.contextmanager
    def measure(self, phase: str) -> Iterator[None]:
        """Adds the wall time of the block to a phase."""
        start = time.monotonic()
        try:
            yield
        finally:
            self._seconds[phase] += time.monotonic() - start

    def count(self, steps: int) -> None:
        """Adds the steps of one call of the engine, once it is measured."""
        self._steps += steps
        if self._first is None:
            passed = time.monotonic() - self._start
            self._first = passed, self._seconds["training"], steps

    def close(self, state: str) -> None:
        """Ends the session as `finished`, `interrupted` or `diverged`."""
        self._state = state
        self.write()

    def write(self) -> None:
        """Writes the file, where there is one."""
        if self._path is not None:
            sessions = [*self._earlier, self.session()]
            write_json(self._path, {"total": _total(sessions), "sessions": sessions})

    def session(self) -> dict[str, Any]:
        """Returns the timings of this session."""
        seconds = self._seconds | {"total": time.monotonic() - self._start}
        to_first_step = rate = None
        if self._first is not None:
            to_first_step, first_call, first_steps = self._first
            rate = _rate(self._steps - first_steps, seconds["training"] - first_call)
        return {
            "started": self._started,
            "state": self._state,
            "seconds": {"to_first_step": to_first_step} | seconds,
            "steps": self._steps,
            "steps_per_second": rate,
            "peak_memory_bytes": peak_memory(),
        }


def _total(sessions: list[dict[str, Any]]) -> dict[str, Any]:
    rates = [(s["steps"], s["steps_per_second"]) for s in sessions]
    timed = [(steps, rate) for steps, rate in rates if rate]
    return {
        "seconds": {p: sum(s["seconds"][p] for s in sessions) for p in PHASES},
        "steps": sum(steps for steps, _ in rates),
        "steps_per_second": _rate(
            sum(steps for steps, _ in timed), sum(steps / rate for steps, rate in timed)
        ),
        "peak_memory_bytes": max(s["peak_memory_bytes"] for s in sessions),
    }


def _rate(steps: int, seconds: float) -> float | None:
    return steps / seconds if steps and seconds else None
