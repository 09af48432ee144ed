"""How long encoded texts are and how many tokens are known: decided by the data."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from zoo.datasets.finding import Finding
from zoo.datasets.vocabulary import Vocabulary

QUANTILE = 0.95  # of the training texts, which are read to their end
MOST_TOKENS = 20_000  # of a vocabulary
_SHORT = 64  # tokens, which cost little
_OFTEN_ENOUGH = 2  # occurrences, so that the embedding of unknown tokens is trained
_COVERAGE = 0.8  # fraction of a text that tokens of this frequency must be
_WORTH_SAYING = 0.005
_WORTH_WARNING = 0.1

Texts = Sequence[Sequence[str]] | np.ndarray


def choose_length(texts: Texts, longest: int) -> int:
    """Returns the length that 95 % of the texts do not exceed, at most `longest`.

    Where the longest has no more than 64 tokens, all are read to their end.

    >>> choose_length([["a"] * n for n in range(1, 101)], 1000)
    96
    """
    lengths = [len(text) for text in texts]
    enough = max(lengths)
    if enough > _SHORT:
        enough = math.ceil(np.quantile(lengths, QUANTILE))
    return max(1, min(longest, enough))


def choose_vocabulary_size(texts: Texts, most: int = MOST_TOKENS) -> int:
    """Returns how many tokens occur twice or more, with padding and unknown ones.

    Where these are less than 80 % of the texts, which are few then, all tokens count.

    >>> choose_vocabulary_size([["a", "a", "a", "a", "b"]])
    3
    >>> choose_vocabulary_size([["a", "b", "c"]])
    5
    """
    counts = Counter(token for text in texts for token in text)
    frequent = [n for n in counts.values() if n >= _OFTEN_ENOUGH]
    covered = sum(frequent) >= _COVERAGE * counts.total()
    return min(most, 2 + len(frequent if covered else counts))


def losses_of(
    train: Texts,
    held_out: Texts,
    vocabulary: Vocabulary,
    length: int | None,
    unit: str,
) -> Iterator[Finding]:
    """Yields findings on what an encoding leaves out.

    Args:
        train: Tokens of each training text.
        held_out: Tokens of each text of the validation split.
        vocabulary: Tokens that are known.
        length: Tokens of a text that are read; None for all.
        unit: What a token is, such as `words`.
    """
    total = sum(map(len, train))
    if length is not None and total:
        cut = sum(max(0, len(text) - length) for text in train) / total
        if cut >= _WORTH_SAYING:
            what = (
                f"{_percent(cut)} of the {unit} are cut, those after the first "
                f"{length:,} of a text; the longest has {max(map(len, train)):,}"
            )
            level = "warning" if cut >= _WORTH_WARNING else "note"
            yield Finding("cut", what, "--set encoding.length=... reads more", level)
    tokens = [token for text in held_out for token in text]
    ids = vocabulary.encode(tokens)
    if len(ids) and (unknown := float((ids == 1).mean())) >= _WORTH_SAYING:
        what = (
            f"the vocabulary has {len(vocabulary) - 2:,} of the {unit}, those that are "
            f"frequent in training, and {_percent(unknown)} of the {unit} in the "
            "validation split are unknown"
        )
        level = "warning" if unknown >= 2 * _WORTH_WARNING else "note"
        yield Finding("unknown", what, level=level)


def _percent(share: float) -> str:
    """A percentage of two digits.

    >>> _percent(0.0123), _percent(0.5), _percent(1)
    ('1.2 %', '50 %', '100 %')
    """
    return f"{100 * share:.{0 if share >= _WORTH_WARNING else 1}f} %"
