"""Tokens to numbers and back."""

import dataclasses
import functools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

PADDING = ""
UNKNOWN = "[UNK]"


def words(text: str) -> list[str]:
    """Splits a text into words and signs, all in lower case.

    >>> words("It's 3.5 stars, no more!")
    ["it's", '3', '.', '5', 'stars', ',', 'no', 'more', '!']
    """
    return re.findall(r"\w+(?:'\w+)*|[^\w\s]", text.lower())


@dataclasses.dataclass(frozen=True)
class Vocabulary:
    """The tokens that a model tells apart, each at the place of its number.

    Place 0 is padding, place 1 stands for all other tokens. Where endings are told
    apart, a token that is not in the list counts as `##` and its last letters.

    Args:
        tokens: In the order of their numbers.
        suffix: Letters of an ending; 0 for none.
        counts: How often each occurs among those that are told apart, where a task
            asks for it: 0 for padding and unknown tokens.

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
        """Collects the most frequent tokens, and the endings of the others.

        Args:
            texts: Each a sequence of tokens (a string is one of characters).
            size: Places at most, those of padding and unknown tokens included.
            suffix: Letters of the endings.
        """
        counts = Counter(token for text in texts for token in text)
        kept = _ranked(counts)[: size - 2]
        if suffix:
            # Rare tokens tell what endings of unknown ones mean.
            kept = [token for token in kept if counts[token] > 1]
            rare = counts.keys() - set(kept)
            kept = _ranked(Counter(ending(token, suffix) for token in rare)) + kept
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
        """Number of places."""
        return len(self.tokens)

    def encode(self, text: Sequence[str]) -> np.ndarray:
        """Returns the number of each token."""
        ids = [self._place(token) for token in text]
        return np.array(ids, "int32")

    def _place(self, token: str) -> int:
        place = self._places.get(token)
        if place is None and self.suffix:
            place = self._places.get(ending(token, self.suffix))
        return 1 if place is None else place

    @functools.cached_property
    def _places(self) -> dict[str, int]:
        return {token: place for place, token in enumerate(self.tokens)}

    def decode(self, ids: np.ndarray) -> list[str]:
        """Returns the token of each number, without padding."""
        return [self.tokens[i] for i in ids if i]


def _ranked(counts: Counter[str]) -> list[str]:
    """The most frequent first; of those alike, the first in the alphabet."""
    return sorted(counts, key=lambda token: (-counts[token], token))


def ending(token: str, letters: int) -> str:
    """Tells the ending of a token, and whether it starts with a capital.

    >>> ending("Walking", 3), ending("it", 3), ending("1871", 3)
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
    """Cuts rows to a length, or fills them up behind their end.

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
