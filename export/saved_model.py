"""TensorFlow SavedModel: what TensorFlow Serving loads."""

from pathlib import Path

import numpy as np
import tensorflow as tf

from export import signature
from export.signature import Signature


def write(served: Signature, folder: Path) -> None:
    """Writes `saved_model.pb`, `variables/` and `assets/` into `folder`."""
    module = tf.Module()
    # Keras' own ExportArchive would store every variable twice.
    module.model_variables = [variable.value for variable in served.model.variables]
    signatures = {signature.NAME: served.function()}
    tf.saved_model.save(module, str(folder), signatures)


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
