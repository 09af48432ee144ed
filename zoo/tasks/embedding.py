"""Word embeddings, learned from running text."""

import dataclasses
from collections.abc import Iterator
from typing import Any, Literal

import keras
import numpy as np
from keras import ops
from pydantic import Field
from pydantic.dataclasses import dataclass

from custom_layers import HierarchicalSoftmax, NegativeSampling
from custom_layers.losses.huffman import huffman_codes
from zoo.datasets import Dataset, Split
from zoo.datasets.dataset import SPLIT_SEED
from zoo.datasets.vocabulary import Vocabulary, words
from zoo.errors import DatasetError
from zoo.tasks import register_task
from zoo.tasks.contexts import Windows
from zoo.tasks.encoding import Encoding
from zoo.tasks.mismatch import wrong_task
from zoo.tasks.neighbours import SPECIAL, Neighbours
from zoo.tasks.task import Config, Selection, Task
from zoo.tasks.tokens import vocabulary_size
from zoo.validation import STRICT


@dataclass(frozen=True, kw_only=True, config=STRICT)
class ContextEncoding(Encoding):
    """How text becomes words and their contexts."""

    architecture: Literal["skipgram", "cbow"] = Field(
        "skipgram", description="Predicts contexts from words, or words from contexts."
    )
    negatives: int = Field(
        5, ge=0, description="Negative samples per positive; 0: hierarchical softmax."
    )
    window: int = Field(5, ge=1, description="Words on either side, at most.")
    min_count: int = Field(
        5, ge=1, description="Words that are rarer in the training split are left out."
    )
    threshold: float = Field(
        1e-3, ge=0, description="Frequency above which words are dropped at random."
    )


def prepare(data: Dataset, encoding: Config) -> Dataset:
    """Makes pairs of target words and contexts; a line is a sentence.

    A sample is a target word followed by what predicts it: with `cbow` all words of its
    context, with `skipgram` the centre word. The labels are binary, -1 where one is
    padding: 1 for the target and 0 for each negative sample, or, with hierarchical
    softmax, the branches of the path to the target in the Huffman tree.

    Args:
        data: Texts: an array of strings, or of lists of strings.
        encoding: `architecture`: `cbow` or `skipgram`; `negatives`: negative samples
            per positive, 0 for hierarchical softmax; `window`: words on either side,
            at most; `min_count`: words that are rarer in the training split are left
            out; `threshold`: relative frequency above which words are dropped at
            random.
    """
    if data.task == "embedding":
        return data
    if data.train.x.dtype != object:
        raise wrong_task(data, "word embeddings need text")
    sentences = {name: list(_sentences(split.x)) for name, split in data.splits.items()}
    vocabulary = data.vocabulary or _vocabulary(
        data.name, sentences["train"], encoding["min_count"]
    )
    negatives = encoding["negatives"]
    splits = {}
    for place, (name, texts) in enumerate(sentences.items()):
        windows = Windows(
            [vocabulary.encode(text) for text in texts],
            vocabulary.counts,
            encoding["window"],
            encoding["threshold"],
            np.random.default_rng((SPLIT_SEED, place)),
        )
        is_cbow = encoding["architecture"] == "cbow"
        x = windows.cbow() if is_cbow else windows.skipgram()
        if not len(x):
            raise DatasetError(
                f"Dataset {data.name!r} ({name}) has no two words of the vocabulary in "
                "one line: add text, or lower `min_count` in the `encoding`."
            )
        splits[name] = Split(x, binary_labels(x[:, 0], vocabulary, negatives))
    return dataclasses.replace(
        data,
        task="embedding",
        labels=(),
        vocabulary=vocabulary,
        facts={"negatives": negatives},
        **splits,
    )


def _sentences(texts: np.ndarray) -> Iterator[list[str]]:
    for text in texts:
        if isinstance(text, str):
            yield from map(words, text.split("\n"))
        else:
            yield [token.lower() for token in text]


def _vocabulary(name: str, sentences: list[list[str]], min_count: int) -> Vocabulary:
    vocabulary = Vocabulary.frequent(sentences, min_count)
    known = len(vocabulary) - SPECIAL
    if known < 2:
        raise DatasetError(
            f"Dataset {name!r} has {known} words that occur {min_count} times or more, "
            "two are the least: add text, or lower `min_count` in the `encoding`."
        )
    return vocabulary


def binary_labels(
    ids: np.ndarray, vocabulary: Vocabulary, negatives: int
) -> np.ndarray:
    """Returns the binary labels of target words.

    Args:
        ids: Token ids of the targets.
        vocabulary: With the frequency of each token.
        negatives: Negative samples per positive; 0 for hierarchical softmax.

    Shapes:
        `(words,)` to `(words, 1 + negatives)`, or `(words, nodes)` of the longest path.

    Example:

    >>> vocabulary = Vocabulary(("", "[UNK]", "a", "b"), counts=(0, 0, 3, 2))
    >>> binary_labels(np.array([2, 3]), vocabulary, 2).tolist()
    [[1, 0, 0], [1, 0, 0]]
    >>> binary_labels(np.array([2, 3]), vocabulary, 0).tolist()
    [[0, -1, -1], [1, 0, -1]]
    """
    if negatives:
        row = np.array([1, *[0] * negatives], "int8")
        return np.broadcast_to(row, (len(ids), len(row)))
    codes = huffman_codes(vocabulary.counts).codes
    return np.where(codes < 0, -1, 1 - codes).astype("int8")[ids]


def fixed_by_data(data: Dataset) -> Config:
    """Vocabulary size, and negative samples or the longest path in the tree."""
    negatives = int(data.facts["negatives"])
    return {
        "vocabulary_size": len(data.vocabulary or ()),
        "negatives": negatives,
        "path_length": 0 if negatives else data.train.y.shape[1],
    }


def fixed_in_model(model: keras.Model) -> Config:
    """The same of a built model."""
    scores = model.get_layer("scores")
    return {
        "vocabulary_size": vocabulary_size(model),
        "negatives": getattr(scores, "negatives", 0),
        "path_length": getattr(scores, "path_length", 0),
    }


def count_words(model: keras.Model, data: Dataset) -> None:
    """Sets the frequency of each word in the layers that sample or code by it."""
    for layer in model.layers:
        if isinstance(layer, HierarchicalSoftmax | NegativeSampling):
            layer.set_counts(data.vocabulary.counts if data.vocabulary else ())


def outputs(model: keras.Model) -> dict[str, Any]:
    """The `embedding` of each word, its nearest `neighbours`, and `similarities`."""
    embedding = model.get_layer("embedding")
    neighbours, similarities = Neighbours(embedding)(model.input)
    return {
        "embedding": embedding(model.input),
        "neighbours": ops.cast(neighbours, "int64"),
        "similarities": similarities,
    }


TASK = Task(
    name="embedding",
    loss=("MaskedBinaryCrossentropy", {}),
    metrics=list,
    monitor="val_loss",
    prepare=prepare,
    fixed_by_data=fixed_by_data,
    fixed_in_model=fixed_in_model,
    outputs=outputs,
    encoding=ContextEncoding,
    signatures={
        "embedding": Selection(("embedding",), "the embedding of each word"),
        "neighbours": Selection(
            ("neighbours", "similarities"),
            "the nearest words in embedding space and their cosine similarities",
        ),
    },
    text="words",
    names={"neighbours": "neighbours"},
    inform=count_words,
    headline="loss",
)
register_task(TASK)
