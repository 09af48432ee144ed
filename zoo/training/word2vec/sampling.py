"""What is drawn anew in each epoch: sub-samples, windows, negative samples."""

from collections.abc import Sequence

import numpy as np

TABLE = 2**20  # entries of the table that negative samples are drawn from
POWER = 0.75


def keep_probabilities(counts: Sequence[int] | np.ndarray, sample: float) -> np.ndarray:
    r"""Returns the probability with which each word of a text is kept.

    .. math::

        p_w = \min\left(1, \sqrt{t / f_w} + t / f_w\right)

    with the threshold :math:`t` and the relative frequency :math:`f_w`. This is the
    rule of word2vec's code, which keeps more than the :math:`\sqrt{t / f_w}` of the
    paper.

    Args:
        counts: Frequency of each word.
        sample: The threshold; 0 keeps every word.

    Example:

    >>> keep_probabilities([0, 4, 96], 0.24).tolist()
    [1.0, 1.0, 0.75]
    """
    counts = np.asarray(counts, "float64")
    if not sample:
        return np.ones(len(counts), "float32")
    ratio = sample * counts.sum() / np.maximum(counts, 1)
    return np.minimum(1.0, np.sqrt(ratio) + ratio).astype("float32")


def noise_table(counts: Sequence[int] | np.ndarray) -> np.ndarray:
    r"""Returns a table in which a word stands in proportion to :math:`c_w^{3/4}`.

    Args:
        counts: Frequency of each word; one of 0 does not stand in it.

    Example:

    >>> table = noise_table([0, 16, 1])
    >>> (np.bincount(table) / len(table)).round(3).tolist()
    [0.0, 0.889, 0.111]
    """
    shares = np.cumsum(np.asarray(counts, "float64") ** POWER)
    places = (np.arange(TABLE) + 0.5) / TABLE
    return np.searchsorted(shares / shares[-1], places).astype("int32")


def subsample(
    words: np.ndarray, keep: np.ndarray, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Drops frequent words at random, and separators.

    Args:
        words: Token ids of a text, a 0 behind each sentence.
        keep: Probability of each word to be kept.
        generator: Random generator.

    Returns:
        The words that stay, and the number of the sentence of each.

    Example:

    >>> generator = np.random.default_rng(0)
    >>> kept, sentence = subsample(np.array([2, 3, 0, 2, 0]), np.ones(4), generator)
    >>> kept.tolist(), sentence.tolist()
    ([2, 3, 2], [0, 0, 1])
    """
    is_word = words > 0
    sentence = np.cumsum(~is_word, dtype="int32")
    is_kept = is_word & (generator.random(len(words), "float32") < keep[words])
    return words[is_kept], sentence[is_kept]
