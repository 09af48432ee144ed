"""A finished training."""

import dataclasses
import os
from pathlib import Path
from typing import Any

import keras


@dataclasses.dataclass
class Run:
    """A finished training.

    A `Run` is taken wherever a run folder is: its weights are those of `model` as it is
    in memory, everything else is read from the folder.

    Args:
        model: The model with its best weights.
        history: Metrics of each epoch.
        metrics: Metrics on the test split.
        directory: The run folder.
        config: The resolved configuration.
        details: Of the metrics: of each class, of the calibration; see `zoo.assess`.
    """

    model: keras.Model
    history: dict[str, list[float]]
    metrics: dict[str, float]
    directory: Path
    config: dict[str, Any]
    details: dict[str, Any] = dataclasses.field(default_factory=dict)

    def __fspath__(self) -> str:
        """Returns the path of the run folder."""
        return os.fspath(self.directory)
