"""TensorFlow SavedModel: what TensorFlow Serving loads."""

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


def write(served: Signature, folder: Path) -> None:
    """Writes `saved_model.pb`, `variables/` and `assets/` into `folder`."""
    signatures = {signature.NAME: served.function()}
    tf.saved_model.save(_Variables(served.model), str(folder), signatures)


def predict(
    folder: Path, batches: list[dict[str, np.ndarray]]
) -> list[dict[str, np.ndarray]]:
    """Loads the SavedModel in `folder` and computes its outputs for each batch."""
    loaded = tf.saved_model.load(str(folder))
    serve = loaded.signatures[signature.NAME]
    return [
        {
            name: value.numpy()
            for name, value in serve(
                **{key: tf.constant(array) for key, array in batch.items()}
            ).items()
        }
        for batch in batches
    ]
