"""Language modelling: prediction of the next character."""

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

import keras
import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from custom_layers.activations import softmax
from custom_layers.metrics import TokenAccuracy
from zoo.datasets import Dataset, Split
from zoo.datasets.finding import Finding
from zoo.datasets.vocabulary import Vocabulary
from zoo.errors import DatasetError
from zoo.tasks import averages, register_task
from zoo.tasks.encoding import Encoding
from zoo.tasks.lengths import MOST_TOKENS, losses_of
from zoo.tasks.mismatch import wrong_task
from zoo.tasks.task import Config, Task
from zoo.tasks.tokens import context_length
from zoo.validation import STRICT

_LENGTH = 100  # characters of a window, where the data has as many


@dataclass(frozen=True, kw_only=True, config=STRICT)
class WindowEncoding(Encoding):
    """How text becomes windows of characters."""

    of_data: ClassVar = ("length",)

    length: int | None = Field(
        None,
        ge=1,
        description="Characters of a window; 100, or as many as the shortest split "
        "has, if none.",
    )
    stride: int | None = Field(
        None,
        ge=1,
        description="Characters from the start of a training window to that of the "
        "next; as many as a window has, if none. Less makes windows overlap.",
    )


def prepare(data: Dataset, encoding: Config) -> Dataset:
    """Cuts a text into windows; the targets are the next characters.

    Args:
        data: Texts: an array of strings, lines in their order.
        encoding: `length`: characters of a window; `stride`: from the start of a
            training window to that of the next.
    """
    if not data.has_texts:
        if data.task == "language_modelling":
            return data
        raise wrong_task(data, "a language model needs text")
    texts = {name: _text(split.x) for name, split in data.splits.items()}
    vocabulary = data.vocabulary or Vocabulary.of([texts["train"]], size=MOST_TOKENS)
    length = encoding["length"]
    strides = {"train": encoding["stride"] or length}
    splits = {
        name: _windows(
            data.name, vocabulary.encode(text), length, strides.get(name, length)
        )
        for name, text in texts.items()
    }
    return dataclasses.replace(
        data, task="language_modelling", labels=(), vocabulary=vocabulary, **splits
    )


def choose(data: Dataset, encoding: Config) -> Config:
    """Chooses the length of a window, one of which fits into each split."""
    shortest = min(len(_text(split.x)) for split in data.splits.values())
    return {"length": max(1, min(_LENGTH, shortest - 1))}


def losses(raw: Dataset, data: Dataset, encoding: Config) -> Iterator[Finding]:
    """Says how many characters are unknown; none are cut."""
    if raw.train.x.dtype == object and data.vocabulary is not None:
        train, held_out = [_text(raw.train.x)], [_text(raw.validation.x)]
        yield from losses_of(train, held_out, data.vocabulary, None, "characters")


def _text(lines: Iterable[str | list[str]]) -> str:
    return "\n".join(
        line if isinstance(line, str) else " ".join(line) for line in lines
    )


def _windows(name: str, ids: np.ndarray, length: int, stride: int) -> Split:
    if len(ids) <= length:
        raise DatasetError(
            f"Dataset {name!r} has a split of {len(ids)} characters; one window takes "
            f"{length + 1}: add text, or choose a smaller `length` in the `encoding`."
        )
    windows = np.lib.stride_tricks.sliding_window_view(ids, length + 1)[::stride]
    return Split(windows[:, :-1].copy(), windows[:, 1:].copy())


def fixed_by_data(data: Dataset) -> Config:
    """Vocabulary size, and the length of a window."""
    size = len(data.vocabulary or ())
    return {"vocabulary_size": size, "length": data.input_shape[0]}


def fixed_in_model(model: keras.Model) -> Config:
    """The same of a built model; recurrent ones take windows of any length."""
    length = context_length(model)
    has_length = {} if length is None else {"length": length}
    return {"vocabulary_size": model.output_shape[-1]} | has_length


def outputs(model: keras.Model) -> dict[str, Any]:
    """`probabilities` of the next character at each position."""
    return {"probabilities": softmax(model.output)}


TASK = Task(
    name="language_modelling",
    loss=("SparseCategoricalCrossentropy", {"from_logits": True}),
    metrics=lambda: [TokenAccuracy()],
    monitor="val_loss",
    prepare=prepare,
    fixed_by_data=fixed_by_data,
    fixed_in_model=fixed_in_model,
    optional=("length",),
    outputs=outputs,
    average=averages.mean_probabilities,
    encoding=WindowEncoding,
    choose=choose,
    losses=losses,
    raw="logits",
    text="characters",
    headline="loss",
)
register_task(TASK)
