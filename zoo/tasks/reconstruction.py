"""Reconstruction of samples from their codes: autoencoders."""

import dataclasses
from typing import Any

import keras
import numpy as np

from zoo.datasets import Dataset, Split
from zoo.errors import DatasetError
from zoo.tasks import register_task
from zoo.tasks.reconstruction_metrics import reconstruction_scores
from zoo.tasks.task import Config, Selection, Task


def prepare(data: Dataset, encoding: Config) -> Dataset:
    """Makes the samples their own targets, scaled to a maximum of 1.

    Args:
        data: Samples of numbers, 0 and above, such as pixels.
        encoding: Empty.
    """
    if data.task == "reconstruction" and data.train.y.shape == data.train.x.shape:
        return data
    if data.train.x.dtype == object or data.train.x.min() < 0:
        raise DatasetError(
            f"Dataset {data.name!r} holds no images; an autoencoder of the zoo "
            "reconstructs pixels of 0 and above."
        )
    maximum = float(data.train.x.max())
    splits = {
        name: Split(split.x, np.asarray(split.x, "float32") / np.float32(maximum))
        for name, split in data.splits.items()
    }
    return dataclasses.replace(data, task="reconstruction", labels=(), **splits)


def fixed_by_data(data: Dataset) -> Config:
    """Shape of a sample, and the maximum that is scaled to 1."""
    maximum = float(data.train.x.max())
    return {"input_shape": data.input_shape, "maximum": maximum}


def fixed_in_model(model: keras.Model) -> Config:
    """The shape in a built model."""
    return {"input_shape": tuple(model.input_shape[1:])}


def outputs(model: keras.Model) -> dict[str, Any]:
    """`reconstruction`, of values between 0 and 1, and the `code`."""
    return {
        "reconstruction": model.output,
        "code": model.get_layer("code").output,
    }


TASK = Task(
    name="reconstruction",
    loss=("MeanSquaredError", {}),
    metrics=lambda: [keras.metrics.MeanSquaredError("mse")],
    monitor="val_loss",
    prepare=prepare,
    fixed_by_data=fixed_by_data,
    fixed_in_model=fixed_in_model,
    outputs=outputs,
    signatures={
        "encode": Selection(("code",), "samples to codes"),
        "reconstruct": Selection(("reconstruction",), "samples to reconstructions"),
    },
    more_scores=reconstruction_scores,
    headline="mse",
)
register_task(TASK)
