"""The run that a report is about."""

import dataclasses
import functools
import os
from pathlib import Path
from typing import Any

import keras
import numpy as np

from zoo import tasks
from zoo.datasets import Dataset, load_dataset
from zoo.reports.labels import label
from zoo.runs.imports import explain_missing
from zoo.runs.reading import read_config
from zoo.runs.run import Run
from zoo.runs.summary import best_of, history
from zoo.runs.trained import trained, warn_of_changes
from zoo.tasks.assessment import estimates_probabilities


@dataclasses.dataclass(frozen=True)
class Subject:
    """A finished run with its data.

    Args:
        directory: The run folder.
        config: The resolved configuration.
        history: Metrics of each epoch, NaN where an epoch lacks one.
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
    def of(
        cls, run: Run | str | os.PathLike, data_dir: str | os.PathLike | None = None
    ) -> "Subject":
        """Reads a run and the data that it was trained on.

        Raises:
            ZooError: If the run is not finished, damaged, or its data is gone.
        """
        found, directory = trained(run), Path(run)
        config = read_config(directory)
        with explain_missing(found.imports):
            raw = load_dataset(config["dataset"], data_dir=data_dir, **found.reading)
        raw = found.read_alike(raw)
        data = tasks.get(config["task"]).encode(raw, found.encoding)
        warn_of_changes(found, data)
        classes = raw.test.y if raw.task == "classification" else None
        figures = history(directory)
        return cls(directory, config, figures, found.model, data, classes, raw.labels)

    @property
    def task(self) -> str:
        """Name in `zoo.tasks`."""
        return self.config["task"]

    @property
    def is_of_characters(self) -> bool:
        """Whether the tokens of its texts are characters."""
        encoding = self.config["recipe"]["encoding"]
        return tasks.get(self.task).tokens_of(encoding) == "characters"

    @property
    def title(self) -> str:
        """The model, and the last part of what its data is called."""
        dataset = self.config["dataset"].rpartition("/")[2]
        return f"{label(self.config['name'], 28)} on {label(dataset, 28)}"

    @property
    def texts(self) -> tuple[str, ...]:
        """What its pictures name: the model, data, classes and tokens."""
        tokens = self.data.vocabulary.tokens if self.data.vocabulary else ()
        return (
            self.config["name"],
            self.config["dataset"],
            *self.history,
            *self.labels,
            *self.data.labels,
            *self.data.targets,
            *tokens,
        )

    @property
    def kept(self) -> int | None:
        """The epoch, from 1, whose weights the run kept; None where it has none."""
        values = self.history.get(self.config["monitor"], [])
        best = best_of(values, self.config["mode"])
        # Of equal ones the later, as in training.
        return None if best is None else len(values) - values[::-1].index(best)

    @functools.cached_property
    def outputs(self) -> np.ndarray:
        """Outputs of the model for the test split."""
        return self.model.predict(self.data.test.x, batch_size=256, verbose=0)

    @functools.cached_property
    def details(self) -> dict[str, Any]:
        """Details of the metrics, see `zoo.assess`; none where the task has none."""
        task, are_probable = tasks.get(self.task), self.has_probabilities
        _, details = task.assess(self.outputs, self.data, are_probable=are_probable)
        baseline = task.baseline(self.data)
        return details | {"baseline": baseline} if baseline else details

    @functools.cached_property
    def predictions(self) -> np.ndarray:
        """Index of the largest output: the predicted class of each sample or token."""
        return self.outputs.argmax(axis=-1)

    @property
    def has_probabilities(self) -> bool:
        """Whether the softmax of the outputs estimates probabilities."""
        return estimates_probabilities(self.config["recipe"].get("loss"))

    @functools.cached_property
    def probabilities(self) -> np.ndarray:
        """Softmax of the outputs, in double precision."""
        shifted = self.outputs.astype("float64")
        exponentials = np.exp(shifted - shifted.max(axis=-1, keepdims=True))
        return exponentials / exponentials.sum(axis=-1, keepdims=True)

    def tokens(self, sample: int) -> list[str]:
        """The tokens of a test sample, without padding; none where it is no text."""
        x = self.data.test.x
        if self.data.vocabulary is None or x.ndim != 2 or x.dtype.kind not in "iu":
            return []
        return self.data.vocabulary.decode(x[sample])

    @property
    def has_images(self) -> bool:
        """Whether samples are greyscale or RGB images."""
        shape = self.data.input_shape
        return len(shape) == 3 and shape[-1] in (1, 3)
