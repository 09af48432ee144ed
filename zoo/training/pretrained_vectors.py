"""Word vectors of others as the first embedding of a model."""

import inspect
import os
from typing import Any

import keras
import numpy as np

from custom_layers import Embedding
from zoo import messages, tasks
from zoo.datasets.vocabulary import SPECIAL, Vocabulary
from zoo.errors import ArgumentError
from zoo.inference.word_vectors import load_vectors
from zoo.registry import ModelSpec
from zoo.runs.run import Run
from zoo.word_vectors import WordVectors

_SIZE = "embedding_size"


def vectors_for(
    spec: ModelSpec, vectors: WordVectors | Run | str | os.PathLike | None
) -> WordVectors | None:
    """Returns the word vectors that a model is to start from, if any.

    Raises:
        ArgumentError: If the model takes no words.
        ZooError: If there are no such vectors.
    """
    if vectors is None:
        return None
    accepted = inspect.signature(spec.builder).parameters
    if _SIZE not in accepted or tasks.get(spec.task).text == "characters":
        raise ArgumentError(
            f"{spec.name!r} has no embedding of words, which `vectors` are for; "
            "text_cnn, text_rnn and tagger have."
        )
    return load_vectors(vectors)


def size_of(vectors: WordVectors | None, given: dict[str, Any]) -> dict[str, Any]:
    """Returns the builder argument that makes room for vectors.

    Args:
        vectors: If any.
        given: Arguments of the builder that the user gives.

    Raises:
        ArgumentError: If another size is given.
    """
    if vectors is None:
        return {}
    if given.get(_SIZE, vectors.dimension) != vectors.dimension:
        raise ArgumentError(
            f"The vectors have {vectors.dimension} dimensions, `{_SIZE}` is "
            f"{given[_SIZE]}; leave it out."
        )
    return {_SIZE: vectors.dimension}


def start_embedding(
    model: keras.Model, vocabulary: Vocabulary | None, vectors: WordVectors, seed: int
) -> None:
    r"""Sets the embeddings of the words that have a vector.

    Those of others are drawn with the same variance, from

    .. math::

        U(-\sqrt{3} \sigma, \sqrt{3} \sigma),

    as Kim (2014, Convolutional neural networks for sentence classification, 3.1) does.

    Args:
        model: Built, with an embedding of the vocabulary.
        vocabulary: Of the training data.
        vectors: Of the dimension of the embedding.
        seed: Of the draws.

    Raises:
        ArgumentError: If there is no such embedding, no word has a vector, or these are
            too large.
    """
    tokens = () if vocabulary is None else vocabulary.tokens
    layer = next(
        (
            each
            for each in model.layers
            if isinstance(each, Embedding) and each.input_dim == len(tokens)
        ),
        None,
    )
    if layer is None:
        raise ArgumentError(f"{model.name!r} has no embedding of words to set.")
    rows = [vectors.find(token) for token in tokens[SPECIAL:]]
    known = [i for i, row in enumerate(rows) if row is not None]
    if not known:
        raise ArgumentError(
            f"None of the {len(rows):,} words of the data has one of these "
            f"{len(vectors):,} vectors; are they of the same language?"
        )
    found = vectors.matrix[[row for row in rows if row is not None]]
    bound = np.sqrt(3) * found.std(dtype="float64")
    if bound > np.finfo("float32").max:
        raise ArgumentError(
            f"The vectors have numbers up to {np.abs(found).max():.2g}, too large to "
            "train with; scale them."
        )
    table = np.random.default_rng(seed).uniform(
        -bound, bound, (len(tokens), vectors.dimension)
    )
    table[np.add(known, SPECIAL)] = found
    layer.embeddings.assign(table.astype("float32"))
    messages.inform(
        f"word vectors: {len(known):,} of the {len(rows):,} words of the data have "
        "one; the others start at random"
    )
