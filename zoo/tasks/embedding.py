"""Word embeddings, learned from running text."""

import dataclasses
import itertools
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import keras
import numpy as np
from keras import ops
from pydantic import Field
from pydantic.dataclasses import dataclass

from custom_layers import HierarchicalSoftmax, NegativeSampling
from custom_layers.losses.huffman import huffman_codes
from zoo.datasets import Dataset, Split
from zoo.datasets.corpus import open_corpus
from zoo.datasets.token_ids import encode_text
from zoo.datasets.vocabulary import Vocabulary, words
from zoo.errors import DatasetError
from zoo.tasks import register_task
from zoo.tasks.encoding import Encoding
from zoo.tasks.mismatch import wrong_task
from zoo.tasks.neighbours import SPECIAL, Neighbours
from zoo.tasks.task import Config, Selection, Task
from zoo.tasks.tokens import vocabulary_size
from zoo.tasks.word_figures import word_figures
from zoo.validation import STRICT

_SPLIT = {"words": words, "whitespace": str.split}


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
        5, ge=1, description="Words that are rarer in the text are left out."
    )
    threshold: float = Field(
        1e-3,
        ge=0,
        description="Frequency above which words are dropped at random; 0: none are.",
    )
    tokens: Literal["words", "whitespace"] = Field(
        "words",
        description="What a line is split into: words and punctuation in lower case, "
        "or what white space separates, as it is.",
    )
    held_out: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="Fraction at the end of the text that is not learned from, for a "
        "validation loss.",
    )


def prepare(data: Dataset, encoding: Config) -> Dataset:
    """Makes token ids of running text; a line is a sentence.

    The text is that of all splits, whose token ids are the training split, with a 0
    behind each sentence. Windows and negative samples are drawn from them anew in each
    epoch.

    Args:
        data: Texts: a `Corpus`, or an array of strings or of lists of strings.
        encoding: See `ContextEncoding`.
    """
    if data.task == "embedding":
        return data
    if not data.has_texts:
        raise wrong_task(data, "word embeddings need text")
    ids, vocabulary = encode_text(
        _sentences(data, encoding["tokens"]), encoding["min_count"], data.vocabulary
    )
    _check(data.name, ids, vocabulary, encoding["min_count"])
    place = len(ids) - round(encoding["held_out"] * len(ids))
    end = len(ids) if place == len(ids) else place + int(np.argmin(ids[place:])) + 1
    facts = {"negatives": encoding["negatives"]}
    if not encoding["negatives"]:
        facts["path_length"] = huffman_codes(vocabulary.counts).codes.shape[1]
    train, held_out, none = ids[:end], ids[end:], ids[:0]
    return dataclasses.replace(
        data,
        task="embedding",
        labels=(),
        vocabulary=vocabulary,
        facts=facts,
        train=Split(train, train),
        validation=Split(held_out, held_out),
        test=Split(none, none),
    )


def _sentences(data: Dataset, tokens: str) -> Iterator[list[str]]:
    split = _SPLIT[tokens]
    for text in itertools.chain.from_iterable(each.x for each in data.splits.values()):
        if isinstance(text, str):
            yield from map(split, text.split("\n"))
        else:
            yield [token.lower() for token in text]


def _check(name: str, ids: np.ndarray, vocabulary: Vocabulary, min_count: int) -> None:
    known = len(vocabulary) - SPECIAL
    if known < 2:
        raise DatasetError(
            f"Dataset {name!r} has {known} words that occur {min_count} times or more, "
            "two are the least: add text, or lower `min_count` in the `encoding`."
        )
    if not len(ids):
        raise DatasetError(
            f"Dataset {name!r} has no two words of the vocabulary in one line: add "
            "text, or lower `min_count` in the `encoding`."
        )


def stream(
    source: str, data_dir: str | None, reading: Mapping[str, Any]
) -> Dataset | None:
    """Opens files of running text, which may be longer than memory."""
    is_running = reading.get("kind", "running") == "running"
    if not is_running or reading.keys() - {"charset", "kind"}:
        return None
    return open_corpus(source, data_dir, reading.get("charset"))


def fixed_by_data(data: Dataset) -> Config:
    """Vocabulary size, and negative samples or the longest path in the tree."""
    negatives = int(data.facts["negatives"])
    return {
        "vocabulary_size": len(data.vocabulary or ()),
        "negatives": negatives,
        "path_length": int(data.facts.get("path_length", 0)),
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
    """Sets the frequency of each word in the layers that sample or code by it.

    Their output vectors begin at 0, as word2vec's do.
    """
    for layer in model.layers:
        if isinstance(layer, HierarchicalSoftmax | NegativeSampling):
            layer.set_counts(data.vocabulary.counts if data.vocabulary else ())
            layer.kernel.assign(ops.zeros_like(layer.kernel))


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
    monitor="loss",
    prepare=prepare,
    fixed_by_data=fixed_by_data,
    fixed_in_model=fixed_in_model,
    outputs=outputs,
    encoding=ContextEncoding,
    signatures={
        "embedding": Selection(("embedding",), "the embedding of each word"),
        "nearest": Selection(
            ("neighbours", "similarities"),
            "the nearest words in embedding space and their cosine similarities",
        ),
    },
    text="words",
    names={"neighbours": "neighbours"},
    stream=stream,
    figures=word_figures,
    inform=count_words,
    headline="word_forms",
)
register_task(TASK)
