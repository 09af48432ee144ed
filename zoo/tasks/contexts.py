"""Words and their contexts in a text."""

import itertools
from collections.abc import Sequence

import numpy as np


class Windows:
    r"""The words of sentences, each with its context: the words around it.

    Frequent words are subsampled first: a word of relative frequency `f` is dropped
    with the probability

    .. math::

        p = 1 - \sqrt{t / f}

    The width of each window is then drawn from 1 to `window`, so that near words count
    more.

    Args:
        sentences: Token ids; 0 and 1, padding and unknown words, are left out.
        counts: Frequency of each token in the training text.
        window: Words on either side, at most.
        threshold: Relative frequency `t` above which words are dropped at random.
        generator: Random generator.

    Example:

    >>> generator = np.random.default_rng(0)
    >>> windows = Windows([[2, 3, 4]], [0, 0, 1, 1, 1], 1, 1.0, generator)
    >>> windows.cbow().tolist()
    [[2, 0, 3], [3, 2, 4], [4, 3, 0]]
    >>> windows.skipgram().tolist()
    [[3, 2], [2, 3], [4, 3], [3, 4]]

    Reference:
        Mikolov, Sutskever, Chen, Corrado and Dean, 2013, Distributed representations
        of words and phrases and their compositionality.
    """

    def __init__(
        self,
        sentences: Sequence[Sequence[int] | np.ndarray],
        counts: Sequence[int],
        window: int,
        threshold: float,
        generator: np.random.Generator,
    ) -> None:
        lengths = [len(sentence) for sentence in sentences]
        words = np.fromiter(itertools.chain.from_iterable(sentences), "int32")
        sentence = np.repeat(np.arange(len(lengths)), lengths)
        keeps = _keep_probabilities(np.asarray(counts), threshold)
        kept = (words > 1) & (generator.random(len(words)) < keeps[words])
        self.words, sentence = words[kept], sentence[kept]
        self.around = _around(self.words, sentence, window, generator)

    def cbow(self) -> np.ndarray:
        """Returns a row for each word: the target word, then its context.

        Shapes:
            `(words, 1 + 2 * window)`, padded with 0.
        """
        rows = np.concatenate([self.words[:, np.newaxis], self.around], axis=1)
        return rows[self.around.any(axis=1)]

    def skipgram(self) -> np.ndarray:
        """Returns a row for each pair: a context word as target, then its centre word.

        Shapes:
            `(pairs, 2)`
        """
        centre, _ = places = np.nonzero(self.around)
        return np.stack([self.around[places], self.words[centre]], axis=1)


def _keep_probabilities(counts: np.ndarray, threshold: float) -> np.ndarray:
    """The probability of each word to be kept.

    >>> _keep_probabilities(np.array([0, 1, 99]), 0.25).round(2).tolist()
    [1.0, 1.0, 0.5]
    """
    shares = counts / counts.sum()
    return np.sqrt(np.minimum(1.0, threshold / np.maximum(shares, threshold)))


def _around(
    words: np.ndarray, sentence: np.ndarray, window: int, generator: np.random.Generator
) -> np.ndarray:
    widths = generator.integers(1, window + 1, len(words))
    around = np.zeros((len(words), 2 * window), "int32")
    for distance in range(1, window + 1):
        left, right = window - distance, window + distance - 1
        together = sentence[distance:] == sentence[:-distance]
        before = np.flatnonzero(together & (widths[distance:] >= distance)) + distance
        around[before, left] = words[before - distance]
        behind = np.flatnonzero(together & (widths[:-distance] >= distance))
        around[behind, right] = words[behind + distance]
    return around
