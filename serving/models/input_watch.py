"""Says in the log that requests hold what a model was not trained on."""

import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from export import manifest
from zoo.input_statistics import InputStatistics, parse

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0  # between two looks at the inputs
SAY_SECONDS = 60.0  # between two lines of a model


class InputWatch:
    """Compares inputs with the statistics of the training, one request a second.

    A look takes some tens of microseconds, and most requests take none of it.

    Args:
        name: Of the model.
        statistics: Of the training, by the name of an input.
        workers: Processes that serve the model; each says less, so that all of them say
            one line a minute at most on average.
        clock: Seconds.
    """

    def __init__(
        self,
        name: str,
        statistics: Mapping[str, InputStatistics],
        workers: int = 1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = name
        self._statistics = statistics
        self._say_seconds = SAY_SECONDS * workers
        self._clock = clock
        self._next = clock() if statistics else float("inf")

    def look(self, inputs: Mapping[str, np.ndarray]) -> None:
        """Looks at the inputs of a request, unless it has done so just now."""
        now = self._clock()
        if now < self._next:
            return
        self._next = now + LOOK_SECONDS
        for name, known in self._statistics.items():
            difference = known.difference(inputs[name]) if name in inputs else ""
            if difference:
                self._next = now + self._say_seconds
                logger.warning(
                    "Requests of %s are far from what it was trained on, as in another "
                    "unit or range: %s has %s",
                    self._name,
                    name,
                    difference,
                )
                return


def watch_of(name: str, version_path: Path, workers: int = 1) -> InputWatch:
    """Returns the watch of a version, whose manifest holds the statistics."""
    held = {}
    if (version_path / manifest.FILE).is_file():
        held = manifest.read(version_path).get("input_statistics", {})
    return InputWatch(name, {key: parse(each) for key, each in held.items()}, workers)
