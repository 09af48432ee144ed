"""Augmentation: random layers in front of a model, active in training only."""

import keras

from zoo.components import make
from zoo.config import Config
from zoo.datasets import Dataset
from zoo.errors import ArgumentError, reason


def make_augmentation(config: Config) -> keras.Sequential | None:
    """Makes the layers of a recipe's `augmentation`.

    They are not part of the model, so the saved and the exported model do not contain
    them.
    """
    layers = _layers(config)
    return keras.Sequential(layers) if layers else None


def check_augmentation(config: Config, data: Dataset) -> None:
    """Checks that the layers take the samples and keep their shape.

    Raises:
        UnknownNameError: If there is no such layer.
        ArgumentError: If a layer cannot be made, or does not fit the samples.
    """
    shape = (1, *data.input_shape)
    for layer in _layers(config):
        name = type(layer).__name__
        try:
            returned = layer(keras.ops.zeros(shape), training=True).shape
        except Exception as error:  # a layer may raise anything for a wrong shape
            raise ArgumentError(
                f"`augmentation`: {name} does not take samples of shape {shape[1:]}: "
                f"{reason(error)}"
            ) from error
        if tuple(returned) != shape:
            raise ArgumentError(
                f"`augmentation`: {name} changes the shape of the samples from "
                f"{shape[1:]} to {tuple(returned[1:])}; choose layers that keep it."
            )


def _layers(config: Config) -> list[keras.Layer]:
    augmentation = config.recipe.augmentation
    held = config.objects.get("augmentation") or [None] * len(augmentation)
    return [
        layer or make("augmentation", component)
        for component, layer in zip(augmentation, held, strict=True)
    ]
