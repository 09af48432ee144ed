"""Cuts the words of a step into blocks of a fixed size."""

from typing import NamedTuple

import numpy as np

from custom_layers._types import Tensor
from zoo.training.word2vec.sampling import subsample

SIZE = 512  # words in a block, which all see the same vectors
GROUP = 64  # words that share negative samples
SHARED = 16  # negative samples of a group


class Blocks(NamedTuple):
    """Blocks of words, each with the words on either side of it.

    Args:
        words: Token ids `(blocks, margin + SIZE + margin)`; 0 is padding.
        sentence: Number of the sentence of each word; -1 at padding.
        width: Width of the window around each word; 0 at padding.
        negatives: Token ids of negative samples `(blocks, SIZE / GROUP, SHARED)`.
    """

    words: Tensor
    sentence: Tensor
    width: Tensor
    negatives: Tensor


def margin(window: int) -> int:
    """Words on either side of a block: the contexts, and the contexts of these."""
    return 2 * window


def draw(
    words: np.ndarray,
    keep: np.ndarray,
    noise: np.ndarray,
    window: int,
    generator: np.random.Generator,
) -> Blocks:
    """Draws the sub-sample, windows and negative samples of a step.

    Args:
        words: Token ids of a part of the text, a 0 behind each sentence.
        keep: Probability of each word to be kept.
        noise: Table of `noise_table`.
        window: Words on either side of a word, at most.
        generator: Random generator.

    Shapes:
        As many blocks as the words that are kept need, at least one.

    Example:

    >>> generator = np.random.default_rng(0)
    >>> words, keep, noise = np.arange(2, 2000), np.ones(2000), np.array([3])
    >>> blocks = draw(words, keep, noise, 5, generator)
    >>> blocks.words.shape, int(blocks.words[1, 10]), blocks.negatives.shape
    ((4, 532), 514, (4, 8, 16))
    """
    kept, sentence = subsample(words, keep, generator)
    width = generator.integers(1, window + 1, len(kept), dtype="int32")
    count, edge = max(1, -(-len(kept) // SIZE)), margin(window)
    places = noise[generator.integers(0, len(noise), count * SIZE // GROUP * SHARED)]
    return Blocks(
        _cut(kept, count, edge, 0),
        _cut(sentence, count, edge, -1),
        _cut(width, count, edge, 0),
        places.reshape(count, SIZE // GROUP, SHARED),
    )


def _cut(array: np.ndarray, count: int, margin: int, fill: int) -> np.ndarray:
    """Cuts an array into overlapping rows: a margin, the words of a block, a margin."""
    behind = count * SIZE - len(array) + margin
    padded = np.pad(array.astype("int32"), (margin, behind), constant_values=fill)
    rows = np.lib.stride_tricks.sliding_window_view(padded, SIZE + 2 * margin)
    return rows[::SIZE]
