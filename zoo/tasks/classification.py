"""Classification of images, measurements, or sentences."""

import dataclasses
from collections.abc import Iterator
from typing import Any, ClassVar

import keras
from keras import ops
from pydantic import Field
from pydantic.dataclasses import dataclass

from custom_layers.activations import softmax
from zoo.datasets import Dataset
from zoo.datasets.vocabulary import Vocabulary, padded, words
from zoo.errors import DatasetError
from zoo.tasks import averages, register_task
from zoo.tasks.encoding import Encoding
from zoo.tasks.lengths import choose_length, choose_vocabulary_size, say_losses
from zoo.tasks.task import Config, Task
from zoo.tasks.tokens import vocabulary_size
from zoo.validation import STRICT


@dataclass(frozen=True, kw_only=True, config=STRICT)
class WordEncoding(Encoding):
    """How sentences become numbers; other samples are numbers."""

    of_data: ClassVar = ("vocabulary_size", "length")

    vocabulary_size: int | None = Field(
        None,
        ge=3,
        description="The most frequent words of the training split, with padding and "
        "unknown words; those that occur twice, at most 20,000, if none.",
    )
    length: int | None = Field(
        None,
        ge=1,
        description="Words of a text that are read; the 95 % quantile of the training "
        "split, at most `longest`, if none.",
    )
    longest: int = Field(400, ge=1, description="Largest `length` that data decides.")


def prepare(data: Dataset, encoding: Config) -> Dataset:
    """Leaves numbers as they are, and encodes sentences as token ids.

    Args:
        data: Labelled samples; texts are an array of strings.
        encoding: `vocabulary_size`: including padding and unknown tokens, the most
            frequent words of the training split; `length`: words to which a sentence
            is truncated or padded. Both were chosen by `choose` where not given.
    """
    if data.task != "classification":
        raise DatasetError(
            f"Dataset {data.name!r} is for {data.task}, it has no classes to learn."
        )
    if data.train.x.dtype != object:
        return data
    vocabulary = data.vocabulary or Vocabulary.of(
        map(words, data.train.x), encoding["vocabulary_size"]
    )
    splits = {
        name: split._replace(
            x=padded(
                [vocabulary.encode(words(text)) for text in split.x],
                encoding["length"],
            )
        )
        for name, split in data.splits.items()
    }
    return dataclasses.replace(data, vocabulary=vocabulary, **splits)


def choose(data: Dataset, encoding: Config) -> Config:
    """Chooses vocabulary size and length by the texts of the training split."""
    texts = list(map(words, data.train.x))
    return {
        "vocabulary_size": choose_vocabulary_size(texts),
        "length": choose_length(texts, encoding["longest"]),
    }


def losses(raw: Dataset, data: Dataset, encoding: Config) -> Iterator[tuple[str, bool]]:
    """Says how many words of the texts are cut, and how many are unknown."""
    if raw.train.x.dtype == object and data.vocabulary is not None:
        train, held_out = (list(map(words, s.x)) for s in (raw.train, raw.validation))
        length = encoding["length"]
        yield from say_losses(
            raw.name, train, held_out, data.vocabulary, length, "words"
        )


def fixed_by_data(data: Dataset) -> Config:
    """Number of classes, and the vocabulary size or the shape of a sample."""
    if data.vocabulary is not None:
        size = len(data.vocabulary)
        return {"vocabulary_size": size, "num_classes": data.num_classes}
    return {"input_shape": data.input_shape, "num_classes": data.num_classes}


def fixed_in_model(model: keras.Model) -> Config:
    """The same of a built model."""
    size = vocabulary_size(model)
    if size is not None:
        return {"vocabulary_size": size, "num_classes": model.output_shape[-1]}
    shape = tuple(model.input_shape[1:])
    return {"input_shape": shape, "num_classes": model.output_shape[-1]}


def outputs(model: keras.Model) -> dict[str, Any]:
    """`probabilities`, and the most probable class in `class_ids`."""
    logits = model.output
    # Not `ops.argmax`: it reinterprets the bits of floats, which ONNX cannot.
    _, best = ops.top_k(logits, k=1)
    return {
        "probabilities": softmax(logits),
        "class_ids": ops.cast(ops.squeeze(best, axis=-1), "int64"),
    }


TASK = Task(
    name="classification",
    loss=("SparseCategoricalCrossentropy", {"from_logits": True}),
    metrics=lambda: [keras.metrics.SparseCategoricalAccuracy("accuracy")],
    monitor="val_accuracy",
    prepare=prepare,
    fixed_by_data=fixed_by_data,
    fixed_in_model=fixed_in_model,
    outputs=outputs,
    average=averages.mean_probabilities,
    encoding=WordEncoding,
    choose=choose,
    losses=losses,
    raw="logits",
    names={"class_ids": "label"},
)
register_task(TASK)
