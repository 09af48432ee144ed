"""Figures of each epoch, as a table."""

import csv
import io
from pathlib import Path
from typing import Any

import keras

from zoo.files import replacing
from zoo.training.checkpoint import Progress


class HistoryFile(keras.callbacks.Callback):
    """Writes `history.csv` anew after each epoch: one line an epoch, from 1.

    Args:
        path: The file.
        progress: Whose rows are written.
    """

    def __init__(self, path: Path, progress: Progress) -> None:
        super().__init__()
        self.path = path
        self.progress = progress

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Writes the file."""
        rows = self.progress.history
        text = io.StringIO()
        writer = csv.DictWriter(text, ["epoch", *rows[0]], lineterminator="\n")
        writer.writeheader()
        writer.writerows({"epoch": i, **row} for i, row in enumerate(rows, 1))
        with replacing(self.path) as part:
            part.write_text(text.getvalue())


def columns(rows: list[dict[str, float]]) -> dict[str, list[float]]:
    """Turns one dictionary for each epoch into one list for each figure.

    >>> columns([{"loss": 2.0}, {"loss": 1.0}])
    {'loss': [2.0, 1.0]}
    """
    return {name: [row[name] for row in rows] for name in rows[0]} if rows else {}
