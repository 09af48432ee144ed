"""TensorFlow SavedModel: what TensorFlow Serving loads."""

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from export.formats import register_format
from export.formats.base import Batch, Format

if TYPE_CHECKING:
    from export.text_signature import AnySignature

_UNFIT = re.compile(r"[^A-Za-z0-9_.\\/>:-]")


@register_format
class SavedModel(Format):
    """`saved_model.pb`, `variables/`, `assets/`, and a warm-up request."""

    name = "saved_model"
    artifact = "saved_model.pb"
    signature_names = None

    def write(
        self,
        signatures: "Mapping[str, AnySignature]",
        folder: Path,
        metadata: Mapping[str, str],
    ) -> None:
        """See `Format.write`; of `metadata`, the warm-up request has the name."""
        import tensorflow as tf

        from export import warmup

        functions = {name: each.function() for name, each in signatures.items()}
        resources = [r for each in signatures.values() for r in each.resources()]
        distinct = list({id(r): r for r in resources}.values())
        # TensorFlow saves what the functions read as part of an object that holds it.
        holder = tf.train.Checkpoint(resources=distinct)
        with _fit_names(distinct):
            tf.saved_model.save(holder, str(folder), functions)
        warmup.write(folder, metadata["name"], signatures)

    def predict(
        self, folder: Path, requests: Iterable[tuple[str, Batch]]
    ) -> Iterator[Batch]:
        """See `Format.predict`."""
        import tensorflow as tf

        # The functions live as long as the object that owns their variables.
        loaded = tf.saved_model.load(str(folder))
        for name, inputs in requests:
            function = loaded.signatures.get(name)
            if function is None or _input_names(function) != inputs.keys():
                raise self.missing_signature(name, inputs)
            tensors = {key: tf.constant(array) for key, array in inputs.items()}
            outputs = function(**tensors)
            yield {key: _decode_strings(x.numpy()) for key, x in outputs.items()}


@contextlib.contextmanager
def _fit_names(resources: list[Any]) -> Iterator[None]:
    """Gives variables names that a graph takes while they are saved."""
    unfit = {
        id(each): (each, each._handle_name)
        for each in resources
        if _UNFIT.search(getattr(each, "_handle_name", ""))
    }
    for each, name in unfit.values():
        each._handle_name = _UNFIT.sub("_", name)
    try:
        yield
    finally:
        for each, name in unfit.values():
            each._handle_name = name


def _input_names(function: Any) -> set[str]:
    _, keywords = function.structured_input_signature
    return set(keywords)


def _decode_strings(array: np.ndarray) -> np.ndarray:
    return np.strings.decode(array.astype("S")) if array.dtype == object else array
