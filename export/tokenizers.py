"""Tokenizers: strings to tokens, in Python (as in training) and in a graph."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from zoo.datasets.vocabulary import words

# What Python's `\w` and `\s` match, in the syntax of RE2.
_LETTER = r"[\p{L}\p{N}_]"
_SPACE = r"[\s\v\x1c-\x1f\x{85}\p{Z}]"
_WORD = rf"{_LETTER}+(?:'{_LETTER}+)*|[^\p{{L}}\p{{N}}_\s\v\x1c-\x1f\x{{85}}\p{{Z}}]"


def split_words(text: tf.Tensor) -> tf.RaggedTensor:
    """Is `zoo.datasets.vocabulary.words` in a graph.

    >>> split_words(tf.constant(["It's 3.5 stars!"])).to_list()
    [[b"it's", b'3', b'.', b'5', b'stars', b'!']]
    """
    spaced = tf.strings.regex_replace(_lower(text), _SPACE, " ")
    return tf.strings.split(tf.strings.regex_replace(spaced, _WORD, r" \0 "))


def split_characters(text: tf.Tensor) -> tf.RaggedTensor:
    """Splits strings into their characters."""
    return tf.strings.unicode_split(text, "UTF-8")


def ending(tokens: tf.Tensor, letters: int) -> tf.Tensor:
    """Is `zoo.datasets.vocabulary.ending` in a graph.

    >>> ending(tf.constant(["Walking", "it", "1871"]), 3).numpy().tolist()
    [b'##Aing', b'##ait', b'##0']
    """
    kind = tf.where(tf.strings.regex_full_match(tokens, r"(?s)\p{Lu}.*"), "A", "a")
    length = tf.strings.length(tokens, "UTF8_CHAR")
    start = tf.maximum(length - letters, 0)
    last = tf.strings.substr(
        tokens, start, tf.fill(tf.shape(start), letters), "UTF8_CHAR"
    )
    has_digit = tf.strings.regex_full_match(tokens, r"(?s).*\p{Nd}.*")
    return tf.where(has_digit, "##0", tf.strings.join(["##", kind, _lower(last)]))


def _lower(text: tf.Tensor) -> tf.Tensor:
    return tf.strings.lower(text, encoding="utf-8")


@dataclasses.dataclass(frozen=True)
class Tokenizer:
    """One tokenization, written twice.

    Args:
        in_python: A string, or a sequence of them, to tokens.
        in_graph: A batch of strings to a (ragged) batch of tokens.
        shape: Shape of the batch of strings: rank 2 where they are tokens already.
    """

    in_python: Callable[[Any], Sequence[str]]
    in_graph: Callable[[tf.Tensor], tf.Tensor | tf.RaggedTensor]
    shape: tuple[None, ...]


TOKENIZERS = {
    "sentences": Tokenizer(words, split_words, (None,)),
    "characters": Tokenizer(list, split_characters, (None,)),
    "tokens": Tokenizer(list, tf.identity, (None, None)),
    "words": Tokenizer(lambda row: [w.lower() for w in row], _lower, (None, None)),
}
