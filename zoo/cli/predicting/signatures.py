"""What an artifact or a server has signatures for, as an answerer."""

import abc
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from serving.protocol.signature_def import (
    DEFAULT_SIGNATURE_NAME,
    NUMPY_DTYPES,
    SignatureDef,
)
from zoo.errors import DatasetError
from zoo.inference.answers.answerer import Answerer

# Signatures of our exports.
TEXT = "text"
NAMES = "names"
# Outputs that are names in place of ids, and what they name.
_NAMES = (
    ("label", "class_ids"),
    ("labels", "class_ids"),
    ("labels", "token_ids"),
    ("tags", "tag_ids"),
)


class SignatureAnswerer(Answerer):
    """Calls signatures with one input.

    Args:
        name: Of the model.
        signatures: What it has, by name.
    """

    def __init__(self, name: str, signatures: Mapping[str, SignatureDef]) -> None:
        if DEFAULT_SIGNATURE_NAME not in signatures:
            raise DatasetError(
                f"{name} has no signature {DEFAULT_SIGNATURE_NAME!r}; it has "
                f"{', '.join(signatures)}: use serving.Client."
            )
        self.name, self.signatures = name, signatures

    @abc.abstractmethod
    def call(
        self, signature: str, inputs: Mapping[str, np.ndarray]
    ) -> dict[str, np.ndarray]:
        """Runs a signature."""

    def outputs(self, samples: Any) -> Mapping[str, np.ndarray]:
        """See `Answerer.outputs`."""
        self.ask_for_names()
        is_text = not isinstance(samples, np.ndarray)
        if is_text and self.encoder is not None:
            samples, is_text = self.encoder(samples), False
        if is_text:
            found = self.call(TEXT, {TEXT: _strings(samples)})
        else:
            name, info = self.only_input(DEFAULT_SIGNATURE_NAME)
            array = np.asarray(samples, NUMPY_DTYPES.get(info.dtype))
            found = self.call(DEFAULT_SIGNATURE_NAME, {name: array})
        return self.named(found)

    def ask_for_names(self) -> None:
        """Asks once what classes or quantities are called, where that is not known."""
        if NAMES not in self.signatures or self.labels or self.targets:
            return
        found = self.said_by(NAMES)
        outputs = self.signatures[DEFAULT_SIGNATURE_NAME].outputs
        if "predictions" in outputs:
            self.targets = found
        else:
            self.labels = found

    def said_by(self, signature: str) -> list[str]:
        """Returns the texts that a signature returns, whatever the sample is."""
        name, info = self.only_input(signature)
        shape = [axis or 1 for axis in info.shape or (1,)]
        sample = np.zeros(shape, NUMPY_DTYPES.get(info.dtype))
        (texts,) = self.call(signature, {name: sample})[signature]
        return texts_of(np.asarray(texts)).tolist()

    def only_input(self, signature: str) -> tuple[str, Any]:
        """Returns the name of the one input of a signature, and what it is.

        Raises:
            DatasetError: If it has several.
        """
        inputs = self.signatures[signature].inputs
        if len(inputs) != 1:
            raise DatasetError(
                f"{self.name} takes {', '.join(inputs)}; use serving.Client."
            )
        return next(iter(inputs.items()))

    def named(self, outputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Takes the names of classes out of the outputs, and keeps them."""
        for name, ids in _NAMES:
            shares = outputs.get("probabilities")
            places = outputs.get(ids)
            if places is None and shares is not None:
                places = shares.argmax(-1)
            if name not in outputs or places is None:
                continue
            names = texts_of(outputs.pop(name))
            count = int(places.max()) + 1 if shares is None else shares.shape[-1]
            self._learn(places, names, count)
            outputs.setdefault(ids, places)
        return outputs

    def _learn(self, ids: np.ndarray, names: np.ndarray, count: int) -> None:
        labels = list(self.labels)
        labels += [str(i) for i in range(len(labels), count)]
        for place, name in zip(ids.flat, names.flat, strict=True):
            labels[int(place)] = str(name)
        self.labels = labels


def _strings(samples: Sequence[Any]) -> np.ndarray:
    """Returns texts as an array; sentences of tokens are padded with empty ones."""
    if isinstance(samples[0], str):
        rows: Sequence[Any] = samples
        array = np.empty(len(samples), object)
    else:
        longest = max(map(len, samples))
        rows = [[*row, *[""] * (longest - len(row))] for row in samples]
        array = np.empty((len(rows), longest), object)
    array[:] = rows
    return array


def texts_of(array: np.ndarray) -> np.ndarray:
    """Returns strings as a server or an engine gives them, which may be bytes."""
    flat = [
        each.decode() if isinstance(each, bytes) else str(each) for each in array.flat
    ]
    return np.array(flat, object).reshape(array.shape)
