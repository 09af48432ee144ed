"""Translation: a text to another text, token by token."""

import dataclasses
import re
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Literal

import keras
import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from custom_layers.activations import softmax
from custom_layers.metrics import TokenAccuracy
from zoo.datasets import Dataset, Split
from zoo.datasets.finding import Finding
from zoo.datasets.vocabulary import SPECIAL, TOKENIZERS, Vocabulary, padded
from zoo.tasks import register_task
from zoo.tasks.beam_search import END, START, Decoder, search
from zoo.tasks.bleu import bleu
from zoo.tasks.encoding import Encoding
from zoo.tasks.lengths import choose_length, choose_vocabulary_size, losses_of
from zoo.tasks.mismatch import wrong_task
from zoo.tasks.sentences import choose_units
from zoo.tasks.seq2seq import decoder_step, encoder
from zoo.tasks.task import Config, Task
from zoo.tasks.tokens import vocabulary_size
from zoo.validation import STRICT

MARKS = "[START]", "[END]"
NO_TOKEN = -1  # of padding, which loss and metrics ignore
_BATCH = 500
# Punctuation that is written without a space before it.
CLOSING = r" ([.,!?;:%)\]}])"


@dataclass(frozen=True, kw_only=True, config=STRICT)
class PairEncoding(Encoding):
    """How pairs of texts become numbers."""

    of_data: ClassVar = (
        *("units", "vocabulary_size", "source_length", "target_length"),
    )

    units: Literal["words", "characters"] | None = Field(
        None,
        description="What a token is; if none, characters for scripts without spaces "
        "and for short texts most of whose words occur once, on either side.",
    )
    vocabulary_size: int | None = Field(
        None,
        ge=5,
        description="The most frequent tokens of both sides of the training split, "
        "with padding, unknown ones, start and end; those that occur twice, at most "
        "20,000, if none.",
    )
    source_length: int | None = Field(
        None,
        ge=1,
        description="Tokens of a source that are read; the 95 % quantile of the "
        "training split, at most `longest`, if none.",
    )
    target_length: int | None = Field(
        None, ge=2, description="Tokens of a translation and its end; likewise."
    )
    longest: int = Field(200, ge=2, description="Largest length that data decides.")


def prepare(data: Dataset, encoding: Config) -> Dataset:
    """Encodes pairs as token ids.

    A sample is the source, padded, and behind it the translation, after a start and
    without its last token; the targets are the tokens of the translation and its end.

    Args:
        data: Texts, and their translations.
        encoding: A complete `PairEncoding`.
    """
    if data.task != "translation":
        raise wrong_task(data, "a translator needs pairs of a text and its translation")
    if data.train.x.dtype != object:
        return data
    tokens = TOKENIZERS[encoding["units"]]
    vocabulary = data.vocabulary or _vocabulary(
        map(tokens, (*data.train.x, *data.train.y)), encoding["vocabulary_size"]
    )
    splits = {}
    for name, split in data.splits.items():
        source = [vocabulary.encode(tokens(text)) for text in split.x]
        target = [vocabulary.encode(tokens(text)) for text in split.y]
        splits[name] = _encoded(source, target, encoding)
    facts = {"source_length": float(encoding["source_length"])}
    return dataclasses.replace(data, vocabulary=vocabulary, facts=facts, **splits)


def _vocabulary(texts: Iterator[Sequence[str]], size: int) -> Vocabulary:
    found = Vocabulary.of(texts, size - len(MARKS)).tokens
    return Vocabulary((*found[:SPECIAL], *MARKS, *found[SPECIAL:]))


def _encoded(
    source: list[np.ndarray], target: list[np.ndarray], encoding: Config
) -> Split:
    length = encoding["target_length"]
    kept = [row[: length - 1].tolist() for row in target]
    before = padded([[START, *row] for row in kept], length)
    x = np.concatenate([padded(source, encoding["source_length"]), before], axis=1)
    return Split(x, padded([[*row, END] for row in kept], length, NO_TOKEN))


def choose(data: Dataset, encoding: Config) -> Config:
    """Chooses units, vocabulary size and lengths by the training split."""
    if data.task != "translation":
        return {}
    found = {choose_units(side)[0] for side in (data.train.x, data.train.y)}
    units = "characters" if "characters" in found else "words"
    if data.vocabulary is not None:
        known = data.vocabulary.tokens[SPECIAL + len(MARKS) :]
        units = "words" if any(len(token) > 1 for token in known) else "characters"
    units = encoding["units"] or units
    sides = [list(map(TOKENIZERS[units], side)) for side in data.train]
    longest = encoding["longest"]
    return {
        "units": units,
        "vocabulary_size": choose_vocabulary_size(sides[0] + sides[1]) + len(MARKS),
        "source_length": choose_length(sides[0], longest),
        "target_length": choose_length(sides[1], longest) + 1,
    }


def losses(raw: Dataset, data: Dataset, encoding: Config) -> Iterator[Finding]:
    """Says how many tokens are cut, and unknown, on either side."""
    if raw.train.x.dtype != object or data.vocabulary is None:
        return
    units = encoding["units"]
    lengths = encoding["source_length"], encoding["target_length"] - 1
    for side, length in enumerate(lengths):
        train, held_out = (
            list(map(TOKENIZERS[units], split[side]))
            for split in (raw.train, raw.validation)
        )
        yield from losses_of(train, held_out, data.vocabulary, length, units)


def fixed_by_data(data: Dataset) -> Config:
    """Vocabulary size, and the lengths of source and translation."""
    length = data.train.y.shape[1]
    return {
        "vocabulary_size": len(data.vocabulary or ()),
        "source_length": data.input_shape[0] - length,
        "target_length": length,
    }


def fixed_in_model(model: keras.Model) -> Config:
    """The same of a built model."""
    length = model.output_shape[1]
    return {
        "vocabulary_size": vocabulary_size(model),
        "source_length": model.input_shape[1] - length,
        "target_length": length,
    }


def outputs(model: keras.Model) -> dict[str, Any]:
    """`probabilities` of each token of the translation, after those before it."""
    return {"probabilities": softmax(model.output)}


def decoder(model: keras.Model) -> Decoder:
    """Returns a translator as functions that a search calls."""
    first, step = encoder(model), decoder_step(model)

    def zeros(rows: int) -> dict[str, np.ndarray]:
        return {
            name: np.zeros((rows, *tensor.shape[1:]), tensor.dtype)
            for name, tensor in step.input.items()
            if name not in (*first.output, "token")
        }

    length = model.output_shape[1]
    return Decoder(first.predict_on_batch, step.predict_on_batch, zeros, length)


def text_of(vocabulary: Vocabulary, ids: Sequence[int] | np.ndarray) -> str:
    """Writes token ids as text, up to the end.

    >>> letters = Vocabulary(("", "[UNK]", *MARKS, "a", "b"))
    >>> text_of(letters, [4, 5, 3, 0])
    'ab'
    >>> words = Vocabulary(("", "[UNK]", *MARKS, "hello", ",", "you"))
    >>> text_of(words, [4, 5, 6, 3])
    'hello, you'
    """
    ids = list(ids)
    tokens = [
        vocabulary.tokens[i] for i in ids[: ids.index(END) if END in ids else None]
    ]
    return joined([token for token in tokens if token], separator(vocabulary))


def separator(vocabulary: Vocabulary) -> str:
    """What stands between tokens: a space between words."""
    known = vocabulary.tokens[SPECIAL + len(MARKS) :]
    return " " if any(len(token) > 1 for token in known) else ""


def joined(tokens: Sequence[str], between: str) -> str:
    """Writes tokens as text."""
    text = between.join(tokens)
    return re.sub(CLOSING, r"\1", text) if between else text


def scores(model: keras.Model, data: Dataset) -> dict[str, float]:
    """Fraction of the test split that is translated exactly, and BLEU; greedily."""
    if data.vocabulary is None:
        return {}
    source = data.test.x[:, : int(data.facts["source_length"])]
    decoding = decoder(model)
    found = [
        search(decoding, source[start : start + _BATCH]).ids
        for start in range(0, len(source), _BATCH)
    ]
    expected = np.where(data.test.y == NO_TOKEN, 0, data.test.y)
    ids = np.concatenate(found)
    texts = [
        [text_of(data.vocabulary, row) for row in rows] for rows in (ids, expected)
    ]
    return {
        "exact_match": float((ids == expected).all(axis=1).mean()),
        **bleu(*texts, by_characters=not separator(data.vocabulary)),
    }


TASK = Task(
    name="translation",
    loss=("TokenCrossentropy", {"ignore_class": NO_TOKEN}),
    metrics=lambda: [TokenAccuracy(ignore_class=NO_TOKEN)],
    monitor="val_loss",
    prepare=prepare,
    fixed_by_data=fixed_by_data,
    fixed_in_model=fixed_in_model,
    outputs=outputs,
    encoding=PairEncoding,
    choose=choose,
    losses=losses,
    more_scores=scores,
    raw="logits",
    text="pairs",
    headline="exact_match",
)
register_task(TASK)
