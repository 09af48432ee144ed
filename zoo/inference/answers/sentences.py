"""Answers of a captioner: a sentence about each image."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from zoo.datasets.captions import words_of


def are_sentences(outputs: Mapping[str, Any]) -> bool:
    """Whether outputs are those of a captioner."""
    return "token_ids" in outputs


def captions(outputs: Mapping[str, Any], labels: Sequence[str]) -> list[str]:
    """Returns the sentence about each image.

    Args:
        outputs: Of the task `captioning`, arrays `(images, ...)`.
        labels: Words in the order of their ids; the ids themselves if there are none.

    >>> captions({"token_ids": [[1, 2, 0]]}, ("", "a", "cat"))
    ['a cat']
    """
    ids = np.asarray(outputs["token_ids"])
    names = labels or [str(i) for i in range(int(ids.max()) + 1)]
    return [" ".join(words_of(row, names)) for row in ids]
