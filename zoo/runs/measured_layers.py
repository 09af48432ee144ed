"""What the first layer of a model says of the inputs of its training."""

import keras
import numpy as np

from zoo.input_statistics import InputStatistics

_BYTE = 255


def statistics_of_layers(model: keras.Model) -> InputStatistics | None:
    """Returns what `Normalization` measured, or pictures that `Rescaling` expects.

    Only a layer that takes the model's input itself speaks of it. Pictures of bytes
    have the statistics of a uniform distribution. A `Normalization` that was never
    adapted has mean 0 and variance 1, and says nothing.
    """
    inputs = getattr(model, "inputs", None) or ()
    if len(inputs) != 1:
        return None
    for layer in model.layers:
        if not layer.built or getattr(layer, "input", None) is not inputs[0]:
            continue
        if type(layer).__name__ == "Normalization":
            return _measured(layer)
        if type(layer).__name__ == "Rescaling" and len(inputs[0].shape) == 4:
            return _expected(layer)
    return None


def _measured(layer: keras.Layer) -> InputStatistics | None:
    mean, variance = (
        np.asarray(keras.ops.convert_to_numpy(each), "float64")
        for each in (layer.mean, layer.variance)  # pyright: ignore
    )
    if not mean.any() and (variance == 1).all():
        return None
    if mean.ndim and mean.size != mean.shape[-1]:  # of each place in a picture
        total = np.mean(variance + mean**2) - np.mean(mean) ** 2
        mean, variance = np.mean(mean), total
    return InputStatistics(np.ravel(mean), np.sqrt(np.ravel(variance)))


def _expected(layer: keras.Layer) -> InputStatistics | None:
    if np.size(layer.scale) != 1 or not np.isclose(_BYTE * layer.scale, (1, 2)).any():
        return None
    return InputStatistics(np.array([_BYTE / 2]), np.array([_BYTE / np.sqrt(12)]))
