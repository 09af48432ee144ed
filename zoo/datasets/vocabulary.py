"""Tokens to token ids and back."""

import dataclasses
import functools
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

PADDING = ""
UNKNOWN = "[UNK]"
SPECIAL = 2  # padding and the unknown token


def words(text: str) -> list[str]:
    """Splits a text into words and punctuation, all in lower case.

    >>> words("It's 3.5 stars, no more!")
    ["it's", '3', '.', '5', 'stars', ',', 'no', 'more', '!']
    """
    return re.findall(r"\w+(?:'\w+)*|[^\w\s]", text.lower())


TOKENIZERS: dict[str, Callable[[str], Sequence[str]]] = {
    "words": words,
    "characters": list,
}


@dataclasses.dataclass(frozen=True)
class Vocabulary:
    """The tokens that a model knows, in the order of their ids.

    Id 0 is padding, id 1 stands for unknown tokens. With suffixes, an unknown token is
    encoded as `##` and its last letters, where the vocabulary has these.

    Args:
        tokens: In the order of their ids.
        suffix: Letters of a suffix; 0 for none.
        counts: Frequency of each token, where a task needs it: 0 for padding and
            unknown tokens.

    Example:

    >>> vocabulary = Vocabulary.of([["a", "b", "a", "running"]], size=4)
    >>> vocabulary.tokens
    ('', '[UNK]', 'a', 'b')
    >>> vocabulary.encode(["b", "c"]).tolist()
    [3, 1]
    """

    tokens: tuple[str, ...]
    suffix: int = 0
    counts: tuple[int, ...] = ()

    @classmethod
    def of(
        cls, texts: Iterable[Sequence[str]], size: int, suffix: int = 0
    ) -> "Vocabulary":
        """Collects the most frequent tokens, and the suffixes of the others.

        Args:
            texts: Each a sequence of tokens (a string is one of characters).
            size: At most, including padding and unknown tokens.
            suffix: Letters of the suffixes.
        """
        counts = Counter(token for text in texts for token in text)
        kept = _ranked(counts)[: size - 2]
        if suffix:
            # Rare tokens stand for unknown ones of the same suffix.
            kept = [token for token in kept if counts[token] > 1]
            rare = counts.keys() - set(kept)
            kept = _ranked(Counter(suffix_of(token, suffix) for token in rare)) + kept
        return cls((PADDING, UNKNOWN, *kept[: size - 2]), suffix)

    @classmethod
    def frequent(cls, texts: Iterable[Sequence[str]], min_count: int) -> "Vocabulary":
        """Collects and counts the tokens that occur often enough.

        Args:
            texts: Each a sequence of tokens.
            min_count: Occurrences of a token in all texts, at least.

        Example:

        >>> Vocabulary.frequent([["a", "b", "a"], ["c", "b", "a"]], 2)
        Vocabulary(tokens=('', '[UNK]', 'a', 'b'), suffix=0, counts=(0, 0, 3, 2))
        """
        counts = Counter(token for text in texts for token in text)
        kept = [token for token in _ranked(counts) if counts[token] >= min_count]
        frequencies = (0, 0, *(counts[token] for token in kept))
        return cls((PADDING, UNKNOWN, *kept), counts=frequencies)

    def __len__(self) -> int:
        """Number of tokens, including padding and unknown."""
        return len(self.tokens)

    def encode(self, text: Sequence[str]) -> np.ndarray:
        """Returns the id of each token."""
        ids = [self._id(token) for token in text]
        return np.array(ids, "int32")

    def _id(self, token: str) -> int:
        found = self._ids.get(token)
        if found is None and self.suffix:
            found = self._ids.get(suffix_of(token, self.suffix))
        return 1 if found is None else found

    @functools.cached_property
    def _ids(self) -> dict[str, int]:
        return {token: i for i, token in enumerate(self.tokens)}

    def decode(self, ids: np.ndarray) -> list[str]:
        """Returns the token of each id, without padding."""
        return [self.tokens[i] for i in ids if i]


def _ranked(counts: Counter[str]) -> list[str]:
    """The most frequent first, in alphabetical order of equal ones."""
    return sorted(counts, key=lambda token: (-counts[token], token))


def suffix_of(token: str, letters: int) -> str:
    """Returns the suffix of a token, with a mark of whether it is capitalized.

    >>> suffix_of("Walking", 3), suffix_of("it", 3), suffix_of("1871", 3)
    ('##Aing', '##ait', '##0')
    """
    is_capital = unicodedata.category(token[0]) == "Lu" if token else False
    kind = "A" if is_capital else "a"
    if any(letter.isdecimal() for letter in token):
        return "##0"
    return f"##{kind}{token[-letters:].lower()}"


def padded(
    rows: Sequence[Sequence[int] | np.ndarray], length: int, value: int = 0
) -> np.ndarray:
    """Truncates rows to a length, or pads them at their end.

    >>> padded([[1, 2, 3], [4]], 2).tolist()
    [[1, 2], [4, 0]]
    """
    table = np.full((len(rows), length), value, "int32")
    for row, target in zip(rows, table, strict=True):
        kept = row[:length]
        target[: len(kept)] = kept
    return table


def as_json(vocabulary: Vocabulary | None) -> dict[str, Any] | None:
    """Returns what a JSON file may hold of a vocabulary; `from_json` reads it."""
    return None if vocabulary is None else dataclasses.asdict(vocabulary)


def from_json(kept: dict[str, Any] | None) -> Vocabulary | None:
    """Returns the vocabulary that `as_json` kept.

    >>> vocabulary = Vocabulary(("", "[UNK]", "a"))
    >>> from_json(as_json(vocabulary)) == vocabulary
    True
    """
    if kept is None:
        return None
    tokens, counts = tuple(kept["tokens"]), tuple(kept.get("counts", ()))
    return Vocabulary(tokens, kept["suffix"], counts)
