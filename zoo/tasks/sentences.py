"""Texts to token ids: by words, or by characters where words say little."""

import dataclasses
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from zoo.datasets import Dataset
from zoo.datasets.finding import Finding
from zoo.datasets.vocabulary import (
    SPECIAL,
    TOKENIZERS,
    Vocabulary,
    padded,
    words,
)
from zoo.tasks.encoding import Encoding
from zoo.tasks.lengths import choose_length, choose_vocabulary_size, losses_of
from zoo.tasks.task import Config
from zoo.validation import STRICT

# Tasks whose samples are texts.
_OF_TEXTS = ("classification", "multi_label", "regression")
_SHORT = 40  # characters of a text such as a name, on average
_ONCE = 0.4  # fraction of the words that occur once where words say little
_SPACELESS = 0.3  # fraction of the characters that are of scripts without spaces
_SCRIPTS = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x3040, 0x30FF),  # Japanese syllables
    (0x3400, 0x9FFF),  # Chinese characters
    (0x20000, 0x323AF),
)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class WordEncoding(Encoding):
    """How sentences become numbers; other samples are numbers."""

    of_data: ClassVar = ("units", "vocabulary_size", "length")

    units: Literal["words", "characters"] | None = Field(
        None,
        description="What a token is; if none, characters for scripts without spaces "
        "and for short texts such as names, most of whose words occur once.",
    )
    vocabulary_size: int | None = Field(
        None,
        ge=3,
        description="The most frequent tokens of the training split, with padding and "
        "unknown ones; those that occur twice, at most 20,000, if none.",
    )
    length: int | None = Field(
        None,
        ge=1,
        description="Tokens of a text that are read; the 95 % quantile of the training "
        "split, at most `longest`, if none.",
    )
    longest: int = Field(400, ge=1, description="Largest `length` that data decides.")


def encode(data: Dataset, encoding: Config) -> Dataset:
    """Encodes texts as token ids, truncated or padded to the length.

    Args:
        data: Texts: an array of strings.
        encoding: A complete `WordEncoding`.
    """
    tokens = TOKENIZERS[encoding["units"]]
    vocabulary = data.vocabulary or Vocabulary.of(
        map(tokens, data.train.x), encoding["vocabulary_size"]
    )
    splits = {}
    for name, split in data.splits.items():
        ids = [vocabulary.encode(tokens(text)) for text in split.x]
        splits[name] = split._replace(x=padded(ids, encoding["length"]))
    return dataclasses.replace(data, vocabulary=vocabulary, **splits)


def choose(data: Dataset, encoding: Config) -> Config:
    """Chooses units, vocabulary size and length by the texts of the training split."""
    if data.task not in _OF_TEXTS:
        return {}
    if data.vocabulary is not None:
        known = data.vocabulary.tokens[SPECIAL:]
        units = "words" if any(len(token) > 1 for token in known) else "characters"
    else:
        units = choose_units(data.train.x)[0]
    units = encoding["units"] or units
    texts = list(map(TOKENIZERS[units], data.train.x))
    return {
        "units": units,
        "vocabulary_size": choose_vocabulary_size(texts),
        "length": choose_length(texts, encoding["longest"]),
    }


def choose_units(texts: Sequence[str] | np.ndarray) -> tuple[str, str]:
    """Returns whether words or characters are the tokens of texts, and why.

    >>> choose_units(["a good film", "a bad film"])
    ('words', '')
    >>> choose_units(["Ada Byron", "Alan Turing"])[0], choose_units(["今天天气很好"])[0]
    ('characters', 'characters')
    """
    letters = "".join(texts)
    spaceless = sum(map(_is_spaceless, letters)) / max(1, len(letters))
    if spaceless >= _SPACELESS:
        return "characters", "its script has no spaces between words"
    counts = Counter(word for text in texts for word in words(text))
    once = sum(n == 1 for n in counts.values()) / max(1, counts.total())
    if once >= _ONCE and len(letters) <= _SHORT * len(texts):
        return "characters", f"{100 * once:.0f} % of the words occur once"
    return "words", ""


def _is_spaceless(letter: str) -> bool:
    code = ord(letter)
    return code >= _SCRIPTS[0][0] and any(a <= code <= b for a, b in _SCRIPTS)


def losses(raw: Dataset, data: Dataset, encoding: Config) -> Iterator[Finding]:
    """Says what the tokens are if not words, how many are cut, and unknown."""
    if raw.train.x.dtype != object or data.vocabulary is None:
        return
    units = encoding["units"]
    if units == "characters" and (reason := choose_units(raw.train.x)[1]):
        what = f"read by characters, since {reason}"
        yield Finding("units", what, "--set encoding.units=words reads words")
    train, held_out = (
        list(map(TOKENIZERS[units], split.x)) for split in (raw.train, raw.validation)
    )
    length = encoding["length"]
    yield from losses_of(train, held_out, data.vocabulary, length, units)
