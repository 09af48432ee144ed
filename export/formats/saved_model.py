"""TensorFlow SavedModel: what TensorFlow Serving loads."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import tensorflow as tf

from export.signature import Signature
from export.text_signature import TextSignature


class _Resources(tf.Module):
    """Holds what the exported functions read, so that it is saved."""

    def __init__(self, signatures: Mapping[str, Signature | TextSignature]) -> None:
        super().__init__()
        read = [each for one in signatures.values() for each in one.resources()]
        self.read = list({id(each): each for each in read}.values())


def write(signatures: Mapping[str, Signature | TextSignature], folder: Path) -> None:
    """Writes `saved_model.pb`, `variables/` and `assets/` into `folder`."""
    functions = {name: one.function() for name, one in signatures.items()}
    tf.saved_model.save(_Resources(signatures), str(folder), functions)


def predict(
    folder: Path, batches: list[dict[str, np.ndarray]]
) -> Iterator[tuple[str, int, dict[str, np.ndarray]]]:
    """Loads the SavedModel in `folder` and gives each signature its batches.

    Yields:
        A signature's name, the place of a batch that has its inputs, and the outputs.
    """
    for name, serve in tf.saved_model.load(str(folder)).signatures.items():
        _, inputs = serve.structured_input_signature
        for place, batch in enumerate(batches):
            if batch.keys() == inputs.keys():
                tensors = {key: tf.constant(array) for key, array in batch.items()}
                outputs = {key: _array(x) for key, x in serve(**tensors).items()}
                yield name, place, outputs


def _array(tensor: tf.Tensor) -> np.ndarray:
    array = tensor.numpy()
    return np.strings.decode(array.astype("S")) if array.dtype == object else array
