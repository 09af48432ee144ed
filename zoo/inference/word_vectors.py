"""What a trained model knows of words."""

from pathlib import Path

import numpy as np

from zoo.errors import ArgumentError
from zoo.runs.run import Run
from zoo.runs.trained import trained
from zoo.tasks.neighbours import SPECIAL, Neighbours


def neighbours(model_or_name: Run | str | Path, word: str) -> list[tuple[str, float]]:
    """Returns the ten words that are used most alike, and the cosines to them.

    Args:
        model_or_name: A run of a model of word vectors, its folder, or a name whose
            weights ship.
        word: One that the model knows, in lower or upper case.

    Raises:
        ArgumentError: If it is no such model, or does not know the word.
    """
    subject = trained(model_or_name)
    if subject.task != "embedding" or subject.vocabulary is None:
        raise ArgumentError(
            f"{subject.name!r} is for {subject.task}; `zoo list --task embedding` "
            "shows models of word vectors."
        )
    token = subject.vocabulary.encode([word.lower()])
    if token[0] < SPECIAL:
        raise ArgumentError(
            f"{subject.name!r} does not know {word!r}; it knows "
            f"{len(subject.vocabulary) - SPECIAL} words of what it was trained on."
        )
    found, cosines = Neighbours(subject.model.get_layer("embedding"))(token)
    words = subject.vocabulary.decode(np.asarray(found[0]))
    return list(zip(words, map(float, cosines[0]), strict=True))
