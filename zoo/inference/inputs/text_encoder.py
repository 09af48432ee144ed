"""Texts to token ids, as in training."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from zoo.datasets.vocabulary import TOKENIZERS, Vocabulary, padded
from zoo.inference.inputs.remarks import Remarks


class TextEncoder:
    """Encodes texts, or sentences of tokens.

    Args:
        vocabulary: Of the model.
        encoding: What its recipe says: `units`, and the `length` that texts are cut to.
        remarks: Who says which tokens the model does not know.
    """

    def __init__(
        self, vocabulary: Vocabulary, encoding: Mapping[str, Any], remarks: Remarks
    ) -> None:
        self._vocabulary, self._remarks = vocabulary, remarks
        self._known = frozenset(vocabulary.tokens)
        self._tokens = TOKENIZERS[encoding.get("units") or "words"]
        self._length: int | None = encoding.get("length")

    def tokens(self, text: str) -> list[str]:
        """Returns the tokens of a text, as many as the model reads."""
        return list(self._tokens(text))[: self._length]

    def __call__(self, samples: Sequence[Any]) -> np.ndarray:
        """Returns token ids of shape (samples, length).

        Args:
            samples: Texts, or lists of tokens, which are padded to the longest.
        """
        if isinstance(samples[0], str):
            return self._of_texts(samples)
        longest = max(1, *map(len, samples))
        return padded([self._vocabulary.encode(row) for row in samples], longest)

    def _of_texts(self, texts: Sequence[str]) -> np.ndarray:
        rows = [self._tokens(text) for text in texts]
        for text, row in zip(texts, rows, strict=True):
            unknown = [token for token in row if token not in self._known]
            if unknown:
                listed = ", ".join(map(repr, unknown))
                self._remarks.warn(
                    "texts have words that the model does not know",
                    f"{text!r}: the model does not know {listed}.",
                )
        length = self._length or max(1, *map(len, rows))
        return padded([self._vocabulary.encode(row) for row in rows], length)
