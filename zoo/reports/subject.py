"""The run that a report is about."""

import dataclasses
import functools
from pathlib import Path
from typing import Any

import keras
import numpy as np

from zoo import tasks
from zoo.datasets import Dataset, load_dataset
from zoo.runs.imports import explain_missing
from zoo.runs.reading import read_config
from zoo.runs.run import Run
from zoo.runs.summary import history
from zoo.runs.trained import trained, warn_of_changes


@dataclasses.dataclass(frozen=True)
class Subject:
    """A finished run with its data.

    Args:
        directory: The run folder.
        config: The resolved configuration.
        history: Metrics of each epoch.
        model: With trained weights.
        data: As the task prepared it; pictures show the test split.
        classes: Of the test samples, where they have some, whatever the task.
        labels: Names of the classes.
    """

    directory: Path
    config: dict[str, Any]
    history: dict[str, list[float]]
    model: keras.Model
    data: Dataset
    classes: np.ndarray | None = None
    labels: tuple[str, ...] = ()

    @classmethod
    def of(cls, run: Run | str | Path, data_dir: str | Path | None = None) -> "Subject":
        """Reads a run and the data that it was trained on.

        Raises:
            ZooError: If the run is not finished, damaged, or its data is gone.
        """
        found, directory = trained(run), Path(run)
        config = read_config(directory)
        with explain_missing(found.imports):
            raw = load_dataset(config["dataset"], data_dir=data_dir)
        raw = dataclasses.replace(raw, vocabulary=found.vocabulary)
        data = tasks.get(config["task"]).encode(raw, found.encoding)
        warn_of_changes(found, data)
        classes = raw.test.y if raw.task == "classification" else None
        figures = history(directory)
        return cls(directory, config, figures, found.model, data, classes, raw.labels)

    @property
    def task(self) -> str:
        """Name in `zoo.tasks`."""
        return self.config["task"]

    @functools.cached_property
    def outputs(self) -> np.ndarray:
        """Outputs of the model for the test split."""
        return self.model.predict(self.data.test.x, batch_size=256, verbose=0)

    @functools.cached_property
    def predictions(self) -> np.ndarray:
        """Index of the largest output: the predicted class of each sample or token."""
        return self.outputs.argmax(axis=-1)

    @property
    def has_images(self) -> bool:
        """Whether samples are greyscale or RGB images."""
        shape = self.data.input_shape
        return len(shape) == 3 and shape[-1] in (1, 3)
