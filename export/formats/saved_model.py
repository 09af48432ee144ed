"""TensorFlow SavedModel: what TensorFlow Serving loads."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
import tensorflow as tf

from export import warmup
from export.formats import register_format
from export.formats.base import Batch, Format
from export.signature import NAME
from export.text_signature import AnySignature


@register_format
class SavedModel(Format):
    """`saved_model.pb`, `variables/`, `assets/`, and a warm-up request."""

    name = "saved_model"
    artifact = "saved_model.pb"
    signature_names = None

    def write(
        self,
        signatures: Mapping[str, AnySignature],
        folder: Path,
        metadata: Mapping[str, str],
    ) -> None:
        """See `Format.write`; of `metadata`, the warm-up request has the name."""
        functions = {name: each.function() for name, each in signatures.items()}
        tf.saved_model.save(_Resources(signatures), str(folder), functions)
        warmup.write(folder, metadata["name"], signatures[NAME].sample(1))

    def predict(
        self, folder: Path, requests: Iterable[tuple[str, Batch]]
    ) -> Iterator[Batch]:
        """See `Format.predict`."""
        # The functions live as long as the object that owns their variables.
        loaded = tf.saved_model.load(str(folder))
        for name, inputs in requests:
            function = loaded.signatures.get(name)
            if not (function and _input_names(function) == inputs.keys()):
                raise self.missing_signature(name, inputs)
            tensors = {key: tf.constant(array) for key, array in inputs.items()}
            yield {key: _array(x) for key, x in function(**tensors).items()}


class _Resources(tf.Module):
    """Holds what the exported functions read, so that it is saved."""

    def __init__(self, signatures: Mapping[str, AnySignature]) -> None:
        super().__init__()
        resources = [r for each in signatures.values() for r in each.resources()]
        self.resources = list({id(r): r for r in resources}.values())


def _input_names(function: tf.types.experimental.ConcreteFunction) -> set[str]:
    _, keywords = function.structured_input_signature
    return set(keywords)


def _array(tensor: tf.Tensor) -> np.ndarray:
    array = tensor.numpy()
    return np.strings.decode(array.astype("S")) if array.dtype == object else array
