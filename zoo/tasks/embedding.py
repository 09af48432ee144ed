"""Which words are used alike? Vectors of words, learned from running text."""

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
from zoo.tasks.neighbours import SPECIAL, Neighbours
from zoo.tasks.task import Config, Task
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
    """Makes samples of words and what stands around them; a line is a sentence.

    A sample is a word to tell, and behind it the words that it is told from: of `cbow`
    all that stand around it, of `skipgram` the one that it stands around. Targets are
    answers to the model's questions, each 1, 0, or -1 where there is no question:
    whether this word is the right one, of it and of noise; or which way leads to it, at
    the nodes of a tree.

    Args:
        data: Texts: an array of strings, or of lists of strings.
        encoding: `architecture`: `cbow` or `skipgram`; `negatives`: words of noise
            against each word, 0 for a tree (hierarchical softmax); `window`: words on
            either side, at most; `min_count`: words that are rarer in the training
            split are left out; `threshold`: share above which words are dropped at
            random.
    """
    if data.task == "embedding":
        return data
    if data.train.x.dtype != object:
        raise DatasetError(
            f"Dataset {data.name!r} is for {data.task}; vectors of words need text."
        )
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
        splits[name] = Split(x, answers(x[:, 0], vocabulary, negatives))
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


def answers(ids: np.ndarray, vocabulary: Vocabulary, negatives: int) -> np.ndarray:
    """Returns the answers that single words out.

    Args:
        ids: Numbers of the words.
        vocabulary: Counts its words.
        negatives: Words of noise against each; 0 for a tree.

    Shapes:
        `(words,)` to `(words, 1 + negatives)`, or `(words, nodes)` of the longest path.

    Example:

    >>> vocabulary = Vocabulary(("", "[UNK]", "a", "b"), counts=(0, 0, 3, 2))
    >>> answers(np.array([2, 3]), vocabulary, 2).tolist()
    [[1, 0, 0], [1, 0, 0]]
    >>> answers(np.array([2, 3]), vocabulary, 0).tolist()
    [[0, -1, -1], [1, 0, -1]]
    """
    if negatives:
        row = np.array([1, *[0] * negatives], "int8")
        return np.broadcast_to(row, (len(ids), len(row)))
    codes = huffman_codes(vocabulary.counts).codes
    return np.where(codes < 0, -1, 1 - codes).astype("int8")[ids]


def fixed_by_data(data: Dataset) -> Config:
    """Number of words, and what tells them apart."""
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
    """Tells the model how frequent each word is."""
    for layer in model.layers:
        if isinstance(layer, HierarchicalSoftmax | NegativeSampling):
            layer.set_counts(data.vocabulary.counts if data.vocabulary else ())


def outputs(model: keras.Model) -> dict[str, Any]:
    """The `embedding` of each word, its `neighbours`, and their `similarities`."""
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
        "embedding": ("embedding",),
        "neighbours": ("neighbours", "similarities"),
    },
    text="words",
    names={"neighbours": "neighbours"},
    inform=count_words,
    headline="loss",
)
register_task(TASK)
