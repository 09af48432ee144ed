"""Tagging: a tag for each token of a sentence."""

import dataclasses
from collections.abc import Iterator
from typing import Any, ClassVar

import keras
from pydantic import Field
from pydantic.dataclasses import dataclass

from custom_layers.metrics import TokenAccuracy
from zoo.datasets import Dataset, Split
from zoo.datasets.finding import Finding
from zoo.datasets.vocabulary import Vocabulary, padded
from zoo.tasks import averages, classification, register_task
from zoo.tasks.assessment import assess_classes
from zoo.tasks.baselines import commonest_tag_of_each_token
from zoo.tasks.encoding import Encoding
from zoo.tasks.lengths import (
    MOST_TOKENS,
    choose_length,
    choose_vocabulary_size,
    losses_of,
)
from zoo.tasks.mismatch import wrong_task
from zoo.tasks.task import Config, Task
from zoo.tasks.tokens import vocabulary_size
from zoo.validation import STRICT

NO_TAG = -1  # of padding, which loss and metrics ignore


@dataclass(frozen=True, kw_only=True, config=STRICT)
class TokenEncoding(Encoding):
    """How sentences of tokens become numbers."""

    of_data: ClassVar = ("vocabulary_size", "length")

    vocabulary_size: int | None = Field(
        None,
        ge=3,
        description="The most frequent tokens of the training split, with padding and "
        "unknown tokens; those that occur twice, at most 20,000, if none.",
    )
    length: int | None = Field(
        None,
        ge=1,
        description="Tokens of a sentence, longer ones are split; the 95 % quantile of "
        "the training split, at most `longest`, if none.",
    )
    longest: int = Field(200, ge=1, description="Largest `length` that data decides.")
    suffix: int = Field(
        0, ge=0, description="Last letters that stand for a token that is unknown."
    )


def prepare(data: Dataset, encoding: Config) -> Dataset:
    """Encodes tokens as ids, and pads sentences and tags to one length.

    A longer sentence is split into several, so that each token counts.

    Args:
        data: Sentences, each a list of strings, and the positions of their tags.
        encoding: `vocabulary_size`: including padding and unknown tokens, the most
            frequent ones of the training split; `length`: tokens of a sentence;
            `suffix`: letters of the suffix that stands for an unknown token.
    """
    if data.task != "tagging":
        raise wrong_task(data, "a tagger needs sentences with a tag for each token")
    if data.train.x.dtype != object:
        return data
    vocabulary = data.vocabulary or Vocabulary.of(
        data.train.x, encoding["vocabulary_size"], encoding["suffix"]
    )
    splits = {
        name: _encoded(split, vocabulary, encoding["length"])
        for name, split in data.splits.items()
    }
    return dataclasses.replace(data, vocabulary=vocabulary, **splits)


def choose(data: Dataset, encoding: Config) -> Config:
    """Chooses vocabulary size and length by the sentences of the training split."""
    return {
        # Suffixes take part of it, and stand for the rare tokens.
        "vocabulary_size": MOST_TOKENS
        if encoding["suffix"]
        else choose_vocabulary_size(data.train.x),
        "length": choose_length(data.train.x, encoding["longest"]),
    }


def losses(raw: Dataset, data: Dataset, encoding: Config) -> Iterator[Finding]:
    """Says how many tokens are unknown; none are cut."""
    if raw.train.x.dtype == object and data.vocabulary is not None:
        x, held_out = raw.train.x, raw.validation.x
        yield from losses_of(x, held_out, data.vocabulary, None, "tokens")


def _encoded(split: Split, vocabulary: Vocabulary, length: int) -> Split:
    starts = [
        (i, start) for i, x in enumerate(split.x) for start in range(0, len(x), length)
    ]
    tokens = [vocabulary.encode(split.x[i][s : s + length]) for i, s in starts]
    tags = [split.y[i][s : s + length] for i, s in starts]
    return Split(padded(tokens, length), padded(tags, length, NO_TAG))


def fixed_by_data(data: Dataset) -> Config:
    """Vocabulary size, and number of tags."""
    size = len(data.vocabulary or ())
    return {"vocabulary_size": size, "num_classes": data.num_classes}


def fixed_in_model(model: keras.Model) -> Config:
    """The same of a built model."""
    size = vocabulary_size(model)
    return {"vocabulary_size": size, "num_classes": model.output_shape[-1]}


def outputs(model: keras.Model) -> dict[str, Any]:
    """`probabilities` of the tags of each token, the most probable in `tag_ids`."""
    found = classification.outputs(model)
    return {"probabilities": found["probabilities"], "tag_ids": found["class_ids"]}


TASK = Task(
    name="tagging",
    loss=("TokenCrossentropy", {"ignore_class": NO_TAG}),
    metrics=lambda: [TokenAccuracy(ignore_class=NO_TAG)],
    monitor="val_accuracy",
    prepare=prepare,
    fixed_by_data=fixed_by_data,
    fixed_in_model=fixed_in_model,
    outputs=outputs,
    average=averages.mean_probabilities,
    assess=assess_classes,
    baseline=commonest_tag_of_each_token,
    encoding=TokenEncoding,
    choose=choose,
    losses=losses,
    raw="logits",
    text="tokens",
    names={"tag_ids": "tags"},
)
register_task(TASK)
