"""Metrics of each epoch for TensorBoard, on any backend."""

import time
from pathlib import Path
from typing import Any

import keras
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter


class Events(keras.callbacks.Callback):
    """Writes TensorBoard events: `train/` and `validation/`, a point per epoch.

    Args:
        directory: The folder for `tensorboard --logdir`.
    """

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self.directory = directory
        self._writers: dict[str, EventFileWriter] = {}

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Writes the metrics of an epoch."""
        for name, value in (logs or {}).items():
            part = "validation" if name.startswith("val_") else "train"
            summary = Summary()
            summary.value.add(
                tag=f"epoch_{name.removeprefix('val_')}", simple_value=value
            )
            event = Event(wall_time=time.time(), step=epoch, summary=summary)
            self._writer(part).add_event(event)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Flushes and closes the files."""
        for writer in self._writers.values():
            writer.close()

    def _writer(self, part: str) -> EventFileWriter:
        if part not in self._writers:
            self._writers[part] = EventFileWriter(str(self.directory / part))
        return self._writers[part]
