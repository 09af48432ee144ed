"""Figures of a model of word embeddings: what its vectors are judged by."""

import os

import keras
import numpy as np

from zoo.datasets.vocabulary import SPECIAL, Vocabulary
from zoo.errors import DatasetError
from zoo.tasks.assessment import Scores
from zoo.word_vectors import WordVectors
from zoo.word_vectors.figures import figures


def vectors_of(model: keras.Model, vocabulary: Vocabulary | None) -> WordVectors:
    """Returns the vectors of the words that a model has learned.

    Args:
        model: With a layer `embedding`.
        vocabulary: Its words.

    Raises:
        DatasetError: If there is no vocabulary.
    """
    if vocabulary is None:
        raise DatasetError(
            f"The file of {model.name!r} has no vocabulary; give its run folder."
        )
    matrix = np.asarray(model.get_layer("embedding").embeddings)
    return WordVectors(vocabulary.tokens[SPECIAL:], matrix[SPECIAL:])


def word_figures(
    model: keras.Model,
    vocabulary: Vocabulary | None,
    source: str | os.PathLike | None = None,
    data_dir: str | os.PathLike | None = None,
) -> Scores:
    """Measures the vectors of a model as `zoo.word_vectors.figures` does.

    Raises:
        DatasetError: If there is no vocabulary, or a file is missing or damaged.
    """
    return Scores(figures(vectors_of(model, vocabulary), source, data_dir), {})
