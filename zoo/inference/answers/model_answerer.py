"""Answers of a trained model in this process."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from zoo import tasks
from zoo.datasets.table_file import split_column
from zoo.errors import DatasetError
from zoo.inference import pictures
from zoo.inference.answers.answerer import Answerer
from zoo.inference.inputs.model_input import ModelInput
from zoo.inference.inputs.remarks import Remarks
from zoo.inference.inputs.text_encoder import TextEncoder
from zoo.runs.trained import Trained
from zoo.tasks.waveforms import sampling_rate

_OF_TEXT = ("sentences", "tokens")  # of tasks whose samples are texts


class ModelAnswerer(Answerer):
    """Calls a model, with the outputs of its task by name.

    A model of another maker is called as it is, with whatever it returns.

    Args:
        subject: The model.
        remarks: Who says which words it does not know.

    Raises:
        DatasetError: If it has several inputs.

    Attributes:
        model: Without the outputs of the task.
    """

    def __init__(self, subject: Trained, remarks: Remarks) -> None:
        self.model = self._model = subject.model
        self.labels, self.targets = subject.labels or (), subject.targets
        self.takes = model_input(subject)
        if self.takes.takes_text and subject.vocabulary is not None:
            settings = tasks.get(subject.task or "").settings(subject.encoding)
            self.encoder = TextEncoder(subject.vocabulary, settings, remarks)
        if subject.task is not None:
            outputs = tasks.get(subject.task).outputs(self._model)
            self._model = keras.Model(self._model.inputs, outputs)

    def outputs(self, samples: Any) -> Mapping[str, np.ndarray]:
        """See `Answerer.outputs`."""
        if self.encoder is not None and not isinstance(samples, np.ndarray):
            samples = self.encoder(samples)
        # `predict` would begin a data pipeline anew at each batch.
        found = self._model.predict_on_batch(samples)
        if isinstance(found, dict):
            return found
        if isinstance(found, list | tuple):
            return {f"outputs_{i}": values for i, values in enumerate(found)}
        return {"outputs": found}


def model_input(subject: Trained) -> ModelInput:
    """Returns what a trained model takes.

    Raises:
        DatasetError: If it has several inputs.
    """
    shape = subject.model.input_shape
    if not isinstance(shape, tuple):
        raise DatasetError(
            f"{subject.name} has several inputs; call the model in Python, or serve it "
            "and use serving.Client."
        )
    task = None if subject.task is None else tasks.get(subject.task)
    column = split_column(subject.dataset or "")
    return ModelInput(
        subject.name,
        shape[1:],
        subject.task,
        takes_text=subject.vocabulary is not None
        and task is not None
        and task.text in _OF_TEXT,
        columns=subject.columns,
        text_column=subject.text_column,
        series=None if column is None else column[1],
        pixels=pictures.trained_pixels(subject) if len(shape) == 4 else None,
        fit=subject.reading.get("fit", "resize"),
        takes_sounds=sampling_rate(subject.model) is not None,
        rate=sampling_rate(subject.model),
        statistics=subject.input_statistics,
    )
