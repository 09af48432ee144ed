"""TensorFlow SavedModel: what TensorFlow Serving loads."""

from collections.abc import Callable, Mapping
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from export import signature
from export.signature import Signature


class _Variables(tf.Module):
    """Holds what the exported function reads, so that it is saved."""

    def __init__(self, model: keras.Model) -> None:
        super().__init__()
        # Keras' own ExportArchive would store every variable twice.
        self.model_variables = [variable.value for variable in model.variables]


def write(
    served: Signature, folder: Path, parts: Mapping[str, Signature] | None = None
) -> None:
    """Writes `saved_model.pb`, `variables/` and `assets/` into `folder`.

    Args:
        served: The signature that is called where none is named.
        folder: Of the artifact.
        parts: Others by name, each with some of its outputs.
    """
    named = {signature.NAME: served, **(parts or {})}
    signatures = {name: one.function() for name, one in named.items()}
    tf.saved_model.save(_Variables(served.model), str(folder), signatures)


def predict(
    folder: Path, batches: list[dict[str, np.ndarray]]
) -> dict[str, list[dict[str, np.ndarray]]]:
    """Loads the SavedModel in `folder` and computes each signature for each batch."""
    loaded = tf.saved_model.load(str(folder))
    return {
        name: [_answer(serve, batch) for batch in batches]
        for name, serve in loaded.signatures.items()
    }


def _answer(
    serve: Callable[..., dict[str, tf.Tensor]], batch: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    inputs = {name: tf.constant(array) for name, array in batch.items()}
    return {name: value.numpy() for name, value in serve(**inputs).items()}
