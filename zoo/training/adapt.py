"""Adapts layers that measure their inputs before training, such as `Normalization`."""

from collections.abc import Iterator

import keras
import numpy as np

from zoo import tasks
from zoo.datasets import Dataset
from zoo.datasets.storage import blocks
from zoo.errors import DatasetError
from zoo.training.engine.base import EVALUATION_BATCH
from zoo.weights.transfer import is_target_scale

_NORMALIZING = ("Normalization", "TableEncoding")


def adapt(model: keras.Model, data: Dataset) -> None:
    """Calls `adapt` of layers such as `Normalization` and `RBF` on the training split.

    Layers are adapted in order, each on the outputs of the adapted layers before it.
    What else the model takes from the data (`Task.inform`) is set first, such as the
    scale of its targets.

    Raises:
        DatasetError: If a layer cannot be adapted to its inputs, such as fewer points
            than it has centres.
    """
    tasks.get(data.task).inform(model, data)
    _adapt([layer for layer in model.layers if _is_adapted(layer)], model, data)


def adapt_normalization(model: keras.Model, data: Dataset) -> None:
    """Calls `adapt` of the layers that normalize, in a model that has trained weights.

    Raises:
        DatasetError: If a layer cannot be adapted.
    """
    adapted = filter(_is_adapted, model.layers)
    named = [each for each in adapted if type(each).__name__ in _NORMALIZING]
    _adapt(named, model, data)


def _is_adapted(layer: keras.Layer) -> bool:
    return hasattr(layer, "adapt") and not is_target_scale(layer)


def _adapt(layers: list[keras.Layer], model: keras.Model, data: Dataset) -> None:
    for layer in layers:
        try:
            layer.adapt(_inputs(model, layer, data.train.x))
        except ValueError as error:
            raise DatasetError(
                f"Layer {layer.name!r} cannot adapt to dataset {data.name!r}: {error}"
            ) from error


def _inputs(
    model: keras.Model, layer: keras.Layer, samples: np.ndarray
) -> Iterator[np.ndarray]:
    """Yields the inputs of a layer for these samples, batch by batch."""
    before = None
    if layer.input is not model.input:
        before = keras.Model(model.input, layer.input)
    for block in blocks(samples):
        for start in range(0, len(block), EVALUATION_BATCH):
            batch = block[start : start + EVALUATION_BATCH].astype("float32")
            yield batch if before is None else before(batch, training=False)
