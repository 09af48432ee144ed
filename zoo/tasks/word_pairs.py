"""Similarity of words: how well vectors order pairs of words as people do."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from zoo.datasets.vocabulary import SPECIAL, Vocabulary
from zoo.errors import DatasetError


class Judged(NamedTuple):
    """Two words, and how similar people find them."""

    first: str
    second: str
    similarity: float


def read_pairs(path: Path) -> list[Judged]:
    """Reads a file of lines of two words and a number, as that of WordSim-353.

    Lines that begin with `#` are comments.

    Raises:
        DatasetError: If a line is not so.
    """
    pairs = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = line.split("\t")
        try:
            first, second, similarity = cells[0], cells[1], float(cells[2])
        except (IndexError, ValueError):
            raise DatasetError(
                f"{path}, line {number}: two words and a number, separated by tabs, "
                f"are expected. Received: {line[:60]!r}"
            ) from None
        pairs.append(Judged(first.strip(), second.strip(), similarity))
    return pairs


def score_pairs(
    vectors: np.ndarray, vocabulary: Vocabulary, pairs: list[Judged]
) -> tuple[float | None, float]:
    r"""Returns Spearman's rank correlation, and the share of unknown pairs.

    It is that of the cosine similarities and of the judgements, over the pairs of which
    both words are known:

    .. math::

        \rho = \mathrm{corr}(\mathrm{rank}(\cos(v_a, v_b)), \mathrm{rank}(s_{ab}))

    Args:
        vectors: A vector for each token of the vocabulary.
        vocabulary: Words, in lower case.
        pairs: The judged pairs.

    Example:

    >>> vocabulary = Vocabulary(("", "[UNK]", "a", "b", "c"))
    >>> vectors = np.array([[0, 0], [0, 0], [1, 0], [1, 1], [0, 1]])
    >>> pairs = [Judged("a", "b", 8.0), Judged("A", "c", 1.0), Judged("a", "x", 5.0)]
    >>> rho, missing = score_pairs(vectors, vocabulary, pairs)
    >>> round(rho, 3), round(missing, 3)
    (1.0, 0.333)

    Reference:
        Finkelstein et al., 2002, Placing search in context: the concept revisited.
    """
    from scipy.stats import spearmanr

    a, b = (
        vocabulary.encode([pair[side].lower() for pair in pairs]) for side in (0, 1)
    )
    known = (a >= SPECIAL) & (b >= SPECIAL)
    missing = 1.0 - float(known.mean())
    if known.sum() < 2:
        return None, missing
    length = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    unit = vectors / length
    cosines = (unit[a[known]] * unit[b[known]]).sum(axis=1)
    judged = np.array([pair.similarity for pair in pairs])[known]
    return float(spearmanr(cosines, judged).statistic), missing
