"""Predictions of a trained model for files and texts of the user."""

import os
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np

from zoo.inference.answers.answerer import outputs_of
from zoo.inference.answers.model_answerer import ModelAnswerer
from zoo.inference.inputs.batch import Batch
from zoo.inference.inputs.options import Options
from zoo.inference.inputs.reading import read
from zoo.inference.inputs.remarks import remarks
from zoo.runs.run import Run
from zoo.runs.trained import trained


class Prediction(NamedTuple):
    """The outputs for one sample.

    Args:
        source: The file, with a row's number where it holds several, or the text.
        outputs: By name, such as `class_ids` and `probabilities`.
        labels: Names of the classes, where they are known.
    """

    source: str
    outputs: dict[str, np.ndarray]
    labels: tuple[str, ...] = ()

    def top(self, count: int) -> list[tuple[str, float]]:
        """The most probable classes and their probabilities, the best first."""
        probabilities = np.ravel(self.outputs["probabilities"])
        best = np.argsort(-probabilities, kind="stable")[:count]
        return [
            (self.labels[i] if self.labels else str(i), float(probabilities[i]))
            for i in best
        ]


def predict(
    model_or_name: keras.Model | Run | str | os.PathLike,
    inputs: Sequence[str | os.PathLike],
    *,
    invert: bool = False,
) -> list[Prediction]:
    """Predicts for files, folders, or texts.

    What is done to a picture to make it fit, and what in it does not look like the
    training data, is said on standard error.

    Args:
        model_or_name: A run, its folder, a `.keras` file or a name whose weights ship.
        inputs: Pictures and folders of them; tables (`.csv`, `.tsv`, `.parquet`,
            `.xlsx`); `.npy` and `.npz` files; `.json` and `.jsonl` files of samples or
            of objects by the names of columns; for a model of texts, `.txt` files of
            one a line, or texts themselves.
        invert: Whether pictures are inverted: black becomes white.

    Raises:
        DatasetError: If an input is unreadable, or does not fit the model.
    """
    with remarks() as said:
        answerer = ModelAnswerer(trained(model_or_name), said)
        options = Options(invert=invert, remarks=said)
        labels = tuple(answerer.labels)
        return [
            Prediction(name, row, labels)
            for batch in read(inputs, answerer.takes, options)
            for name, row in zip(
                batch.names, _rows(outputs_of(answerer, batch), batch), strict=True
            )
        ]


def _rows(outputs: Any, batch: Batch) -> Iterator[dict[str, np.ndarray]]:
    for place in range(len(batch)):
        yield {name: values[place] for name, values in outputs.items()}
