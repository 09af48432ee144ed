"""Nearest neighbours of a word in the embedding space of a trained model."""

import os

import numpy as np

from zoo.errors import ArgumentError
from zoo.runs.run import Run
from zoo.runs.trained import trained
from zoo.tasks.neighbours import SPECIAL, Neighbours


def neighbours(
    model_or_name: Run | str | os.PathLike, word: str
) -> list[tuple[str, float]]:
    """Returns the ten nearest words by cosine similarity, and their similarities.

    Args:
        model_or_name: A run of a word embedding model, its folder, or a name whose
            weights ship.
        word: One of the model's vocabulary, in lower or upper case.

    Raises:
        ArgumentError: If it is no word embedding model, or the word is not in its
            vocabulary.
    """
    subject = trained(model_or_name)
    if subject.task != "embedding" or subject.vocabulary is None:
        raise ArgumentError(
            f"{subject.name!r} is for {subject.task}; `zoo list --task embedding` "
            "shows the models of word embeddings."
        )
    token = subject.vocabulary.encode([word.lower()])
    if token[0] < SPECIAL:
        raise ArgumentError(
            f"{word!r} is not in the vocabulary of {subject.name!r}, the "
            f"{len(subject.vocabulary) - SPECIAL} words that it was trained on."
        )
    found, cosines = Neighbours(subject.model.get_layer("embedding"))(token)
    words = subject.vocabulary.decode(np.asarray(found[0]))
    return list(zip(words, map(float, cosines[0]), strict=True))
