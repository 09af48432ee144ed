"""The word vectors of a trained model, or of a file."""

import os
from pathlib import Path

from zoo import weights
from zoo.errors import ArgumentError
from zoo.runs.artifacts import SUFFIXES
from zoo.runs.run import Run
from zoo.runs.trained import trained
from zoo.tasks.word_figures import vectors_of
from zoo.word_vectors import WordVectors

Vectors = WordVectors | Run | str | os.PathLike


def load_vectors(model_or_file: Vectors) -> WordVectors:
    """Returns the vectors that a model has learned, or those in a file.

    Args:
        model_or_file: A run of a word embedding model, its folder, or a name whose
            weights ship; or a file that `WordVectors.load` reads.

    Raises:
        ArgumentError: If it is a model, but none of word embeddings.
        ZooError: If there is none, or it is damaged.

    Example:

    >>> vectors = load_vectors("runs/word2vec_skipgram.brown/1")  # doctest: +SKIP
    >>> vectors.nearest("list", count=1)  # doctest: +SKIP
    [('tuple', 0.83)]
    """
    if isinstance(model_or_file, WordVectors):
        return model_or_file
    if is_vector_file(model_or_file):
        return WordVectors.load(str(model_or_file))
    subject = trained(model_or_file)
    if subject.task != "embedding":
        raise ArgumentError(
            f"{subject.name!r} is for {subject.task}; `zoo list --task embedding` "
            "shows the models of word embeddings."
        )
    return vectors_of(subject.model, subject.vocabulary)


def is_vector_file(what: object) -> bool:
    """Whether this is a file that holds no model, and so may hold word vectors."""
    if not isinstance(what, str | os.PathLike):
        return False
    path = Path(what)
    is_model = weights.is_model_file(path) or path.suffix in SUFFIXES
    return path.is_file() and not is_model
