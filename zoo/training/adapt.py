"""What layers measure before training: each, what it will be given."""

from collections.abc import Iterator

import keras
import numpy as np

from zoo import tasks
from zoo.datasets import Dataset
from zoo.datasets.storage import blocks
from zoo.errors import DatasetError
from zoo.training.engine.base import EVALUATION_BATCH


def adapt(model: keras.Model, data: Dataset) -> None:
    """Lets layers such as `Normalization` and `RBF` measure the samples to train on.

    A layer is given what the layers before it, which have measured theirs by then,
    make of the samples. What else the model must know, its task tells it.

    Raises:
        DatasetError: If a layer cannot do with what it is given, such as fewer points
            than it has centres.
    """
    tasks.get(data.task).inform(model, data)
    for layer in model.layers:
        if not hasattr(layer, "adapt"):
            continue
        try:
            layer.adapt(_inputs(model, layer, data.train.x))
        except ValueError as error:
            raise DatasetError(
                f"Layer {layer.name!r} cannot measure dataset {data.name!r}: {error}"
            ) from error


def _inputs(
    model: keras.Model, layer: keras.Layer, samples: np.ndarray
) -> Iterator[np.ndarray]:
    """Yields the samples as they come to a layer, some at a time."""
    before = None
    if layer.input is not model.input:
        before = keras.Model(model.input, layer.input)
    for block in blocks(samples):
        for start in range(0, len(block), EVALUATION_BATCH):
            batch = block[start : start + EVALUATION_BATCH].astype("float32")
            yield batch if before is None else before(batch, training=False)
