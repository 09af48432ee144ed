"""The engine of a training, by its task."""

from typing import Any

import keras

from zoo.config import Recipe
from zoo.datasets import Dataset
from zoo.machines.devices import Devices
from zoo.training.engine import engine_for


def engine_of(
    model: keras.Model,
    data: Dataset,
    recipe: Recipe,
    devices: Devices,
    augmentation: keras.Sequential | None = None,
) -> Any:
    """Returns what runs the steps of a training.

    Args:
        model: Built within `devices.scope()` and compiled.
        data: Dataset to train on.
        recipe: How the model is trained.
        devices: Devices to train on.
        augmentation: Layers applied to the samples in training.
    """
    if data.task == "embedding":
        from zoo.training.word2vec.engine import Engine  # imports TensorFlow

        return Engine(model, data, recipe)
    return engine_for(
        model,
        devices,
        batch_size=recipe.batch_size,
        jit=bool(model.jit_compile),
        augmentation=augmentation,
    )
