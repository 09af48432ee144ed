"""Sentences that a small grammar generates, with labels and tags.

    sentence   <- subject verb-phrase "."
    subject    <- determiner [adjective] noun
    verb-phrase <- "is" ["not"] [adverb] adjective | verb determiner noun [adverb]

A sentence is `pos` where its last adjective is positive, or negative and negated by
"not". Some words are nouns and verbs, so that the context of a word matters.
"""

from collections.abc import Callable

import numpy as np

from zoo.datasets.dataset import Dataset, Split, make_dataset
from zoo.datasets.labelled_text import texts
from zoo.datasets.named import GENERATED, register_dataset
from zoo.datasets.text_file import tagged

SEED = 0
SENTENCES = 2_000

_DETERMINERS = ("the", "a", "this", "every")
_NOUNS = ("film", "actor", "story", "end", "music", "play", "cast", "show", "look")
_VERBS = ("likes", "hates", "praises", "play", "cast", "show", "look", "end")
_ADVERBS = ("very", "really", "quite", "always")
_POSITIVE = ("good", "great", "funny", "moving", "clever", "fresh")
_NEGATIVE = ("bad", "dull", "boring", "weak", "silly", "slow")

Tagged = list[tuple[str, str]]


@register_dataset("toy_polarity", licence=GENERATED)
def polarity() -> Dataset:
    """2,000 distinct film reviews, half positive: "the story is not dull ."."""
    generator = np.random.default_rng(SEED)
    labels = np.arange(SENTENCES) % 2
    reviews = _distinct([lambda y=y: _review(generator, bool(y)) for y in labels])
    lines = [" ".join(word for word, _ in review) for review in reviews]
    return make_dataset("toy_polarity", ("neg", "pos"), Split(texts(lines), labels))


@register_dataset("toy_tags", licence=GENERATED)
def tags() -> Dataset:
    """2,000 distinct sentences whose words have one of six tags."""
    generator = np.random.default_rng(SEED)
    sentences = _distinct([lambda: _sentence(generator)] * SENTENCES)
    words = [[word for word, _ in sentence] for sentence in sentences]
    tags = [[tag for _, tag in s] for s in sentences]
    return tagged("toy_tags", (words, tags))


def _distinct(makers: list[Callable[[], Tagged]]) -> list[Tagged]:
    """Generates sentences until each is new: none is in two splits."""
    found: dict[tuple[tuple[str, str], ...], None] = {}
    for make in makers:
        count = len(found)
        while len(found) == count:
            found[tuple(make())] = None
    return [list(sentence) for sentence in found]


def _review(generator: np.random.Generator, is_positive: bool) -> Tagged:
    is_negated = bool(generator.integers(2))
    adjectives = _POSITIVE if is_positive != is_negated else _NEGATIVE
    return [
        *_subject(generator),
        ("is", "VERB"),
        *([("not", "ADV")] if is_negated else []),
        *_maybe(generator, _ADVERBS, "ADV"),
        _pick(generator, adjectives, "ADJ"),
        (".", "."),
    ]


def _sentence(generator: np.random.Generator) -> Tagged:
    if generator.integers(2):
        ending = [("is", "VERB"), *_maybe(generator, _ADVERBS, "ADV")]
        ending += [_pick(generator, _POSITIVE + _NEGATIVE, "ADJ")]
    else:
        ending = [_pick(generator, _VERBS, "VERB"), *_subject(generator)]
        ending += _maybe(generator, _ADVERBS, "ADV")
    return [*_subject(generator), *ending, (".", ".")]


def _subject(generator: np.random.Generator) -> Tagged:
    return [
        _pick(generator, _DETERMINERS, "DET"),
        *_maybe(generator, _POSITIVE + _NEGATIVE, "ADJ"),
        _pick(generator, _NOUNS, "NOUN"),
    ]


def _maybe(generator: np.random.Generator, words: tuple[str, ...], tag: str) -> Tagged:
    return [_pick(generator, words, tag)] if generator.integers(2) else []


def _pick(
    generator: np.random.Generator, words: tuple[str, ...], tag: str
) -> tuple[str, str]:
    return words[generator.integers(len(words))], tag
