"""Metrics of each epoch, as a table."""

import csv
import io
import time
from pathlib import Path
from typing import Any

import keras

from zoo.files import replacing
from zoo.training.checkpoint import Progress

WRITE_SECONDS = 1.0  # between two versions of the file


class HistoryFile(keras.callbacks.Callback):
    """Writes `history.csv`, one line per epoch from 1, at most once a second.

    Args:
        path: The file.
        progress: Progress whose `history` is written.
    """

    def __init__(self, path: Path, progress: Progress) -> None:
        super().__init__()
        self.path = path
        self.progress = progress
        self._written = 0.0

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Writes the file, unless it was written within the last second."""
        if time.monotonic() - self._written >= WRITE_SECONDS:
            self._write()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Writes the file."""
        self._write()

    def _write(self) -> None:
        rows = self.progress.history
        if not rows:
            return
        # A callback may add a metric in some epochs only.
        names = dict.fromkeys(name for row in rows for name in row)
        text = io.StringIO()
        writer = csv.DictWriter(text, ["epoch", *names], lineterminator="\n")
        writer.writeheader()
        writer.writerows({"epoch": i, **row} for i, row in enumerate(rows, 1))
        with replacing(self.path) as part:
            part.write_text(text.getvalue())
        self._written = time.monotonic()


def columns(rows: list[dict[str, float]]) -> dict[str, list[float]]:
    """Turns one dictionary for each epoch into one list for each metric.

    >>> columns([{"loss": 2.0}, {"loss": 1.0}])
    {'loss': [2.0, 1.0]}
    """
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row[name] for row in rows if name in row] for name in names}
