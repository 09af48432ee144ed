"""How a string becomes tokens: in Python, as in a training, and in a graph."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from zoo.datasets.vocabulary import words

# What Python's `\w` and `\s` match, in the words of RE2.
_LETTER = r"[\p{L}\p{N}_]"
_SPACE = r"[\s\v\x1c-\x1f\x{85}\p{Z}]"
_WORD = rf"{_LETTER}+(?:'{_LETTER}+)*|[^\p{{L}}\p{{N}}_\s\v\x1c-\x1f\x{{85}}\p{{Z}}]"


def split_words(text: tf.Tensor) -> tf.RaggedTensor:
    """Does in a graph what `zoo.datasets.vocabulary.words` does in Python.

    >>> split_words(tf.constant(["It's 3.5 stars!"])).to_list()
    [[b"it's", b'3', b'.', b'5', b'stars', b'!']]
    """
    spaced = tf.strings.regex_replace(_lower(text), _SPACE, " ")
    return tf.strings.split(tf.strings.regex_replace(spaced, _WORD, r" \0 "))


def split_characters(text: tf.Tensor) -> tf.RaggedTensor:
    """Splits strings into their characters."""
    return tf.strings.unicode_split(text, "UTF-8")


def ending(tokens: tf.Tensor, letters: int) -> tf.Tensor:
    """Does in a graph what `zoo.datasets.vocabulary.ending` does in Python.

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
class Splitting:
    """One way to take strings.

    Args:
        in_python: A string, or a row of them, to tokens.
        in_graph: A batch of them to a batch of tokens.
        shape: Of a batch of strings.
    """

    in_python: Callable[[Any], Sequence[str]]
    in_graph: Callable[[tf.Tensor], tf.Tensor | tf.RaggedTensor]
    shape: tuple[None, ...]


SPLITTINGS = {
    "sentences": Splitting(words, split_words, (None,)),
    "characters": Splitting(list, split_characters, (None,)),
    "tokens": Splitting(list, tf.identity, (None, None)),
    "words": Splitting(lambda row: [w.lower() for w in row], _lower, (None, None)),
}
