"""Word embeddings: CBOW and skip-gram (Mikolov et al., 2013).

Train with `zoo train word2vec_skipgram`.
"""

import dataclasses
from typing import Any

import keras

from custom_layers import (
    Embedding,
    GlobalAveragePooling1D,
    HierarchicalSoftmax,
    NegativeSampling,
    initializers,
)
from zoo.errors import ArgumentError
from zoo.registry import Recipe, register

PAPER = (
    "Mikolov, Sutskever, Chen, Corrado and Dean, 2013, Distributed representations of "
    "words and phrases and their compositionality"
)

TOPICS_SKIPGRAM = Recipe(
    dataset="python_topics",
    encoding={"architecture": "skipgram"},
    optimizer=("SGD", {"learning_rate": 0.025}),
    schedule=("PolynomialDecay", {"end_learning_rate": 1e-4}),
    batch_size=8192,
    epochs=20,
)
TOPICS_CBOW = dataclasses.replace(
    TOPICS_SKIPGRAM,
    encoding={"architecture": "cbow"},
    optimizer=("SGD", {"learning_rate": 0.05}),
)
BROWN_SKIPGRAM = dataclasses.replace(
    TOPICS_SKIPGRAM, dataset="brown", batch_size=65_536, epochs=5
)
BROWN_CBOW = dataclasses.replace(TOPICS_CBOW, dataset="brown", batch_size=65_536)


def _with_tree(recipe: Recipe) -> Recipe:
    return dataclasses.replace(recipe, encoding=recipe.encoding | {"negatives": 0})


BROWN_SKIPGRAM_TREE = dataclasses.replace(
    _with_tree(BROWN_SKIPGRAM), optimizer=("SGD", {"learning_rate": 0.04})
)


def _register(name: str, recipe: Recipe, **arguments: Any) -> Any:
    return register(
        name, recipe=recipe, task="embedding", input="tokens", paper=PAPER, **arguments
    )


@_register("word2vec_cbow", TOPICS_CBOW)
@_register("word2vec_skipgram", TOPICS_SKIPGRAM)
@_register("word2vec_cbow_hs", _with_tree(TOPICS_CBOW), negatives=0, path_length=20)
@_register(
    "word2vec_skipgram_hs", _with_tree(TOPICS_SKIPGRAM), negatives=0, path_length=20
)
@_register("word2vec_cbow.brown", BROWN_CBOW, vocabulary_size=14_196)
@_register("word2vec_skipgram.brown", BROWN_SKIPGRAM, vocabulary_size=14_196)
@_register(
    "word2vec_cbow_hs.brown",
    _with_tree(BROWN_CBOW),
    vocabulary_size=14_196,
    negatives=0,
    path_length=20,
)
@_register(
    "word2vec_skipgram_hs.brown",
    BROWN_SKIPGRAM_TREE,
    vocabulary_size=14_196,
    negatives=0,
    path_length=20,
)
def word2vec(
    vocabulary_size: int = 10_000,
    *,
    embedding_size: int = 100,
    negatives: int = 5,
    path_length: int = 0,
) -> keras.Model:
    r"""Predicts a word from its context: token ids to logits.

    .. math::

        h = \frac{1}{n} \sum_{i > 0} v(x_i), \quad s_j = h \cdot u_j

    with the target word :math:`x_0`, its context words :math:`x_i`, and the output
    vectors :math:`u_j` of the target and of negative samples (negative sampling), or of
    the nodes on the path to the target in a Huffman tree (hierarchical softmax). The
    continuous bag of words (CBOW) predicts a word from all words around it, the
    skip-gram from one of them; the recipe's `encoding` chooses. The embeddings
    :math:`v` are the result.

    Args:
        vocabulary_size: Vocabulary size, including padding and unknown words.
        embedding_size: Dimension of the word embeddings.
        negatives: Negative samples per positive; 0 for hierarchical softmax.
        path_length: Longest path in the Huffman tree; 0 for negative sampling.

    Raises:
        ArgumentError: If both are given, or neither.
    """
    if bool(negatives) == bool(path_length):
        raise ArgumentError(
            "Give either `negatives` or `path_length`, the other one as 0. Received: "
            f"negatives={negatives}, path_length={path_length}"
        )
    limit = 0.5 / embedding_size
    tokens = keras.Input((None,), dtype="int32", name="tokens")
    word, context = tokens[:, 0], tokens[:, 1:]
    vectors = Embedding(
        vocabulary_size,
        embedding_size,
        embeddings_initializer=initializers.RandomUniform(-limit, limit),
        mask_zero=True,
        name="embedding",
    )(context)
    h = GlobalAveragePooling1D(name="mean")(vectors)
    if negatives:
        scores = NegativeSampling(vocabulary_size, negatives, name="scores")
    else:
        scores = HierarchicalSoftmax(vocabulary_size, path_length, name="scores")
    return keras.Model(tokens, scores(h, word))
