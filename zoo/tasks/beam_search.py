r"""Translations by a decoder, step by step: beam search, or sampling.

Beam search keeps the `width` most probable beginnings of a translation,

.. math::

    \log p(y_{1..t} \mid x) = \sum_{i \le t} \log p(y_i \mid y_{1..i-1}, x)

and answers with the one whose mean over its tokens is the largest when all have come to
their end; a width of 1 is greedy decoding. At a temperature :math:`T > 0` as many
translations are sampled from :math:`p_k \propto e^{l_k / T}` instead, and the one is
taken whose mean is the largest.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from zoo.tasks.seq2seq import TOKEN

START, END = 2, 3  # ids; padding and unknown tokens, 0 and 1, are never written
LOW = -1e9  # log-probability of what is excluded

Arrays = dict[str, np.ndarray]


class Decoder(NamedTuple):
    """An encoder-decoder model, as functions of arrays.

    Args:
        encode: From what is translated, `(rows, ...)`.
        step: From `token`, what the encoder returned, and the states.
        zeros: Makes the states that zeros begin, for a number of rows.
        length: Tokens of a translation, at most.
        start: Token that begins one.
        end: Token that ends one; those below are never written.
    """

    encode: Callable[[np.ndarray], Arrays]
    step: Callable[[Arrays], Arrays]
    zeros: Callable[[int], Arrays]
    length: int
    start: int = START
    end: int = END


class Found(NamedTuple):
    """Translations.

    Args:
        ids: Token ids `(rows, length)`, to the end, and 0 behind it.
        scores: Mean log-probability of the tokens of each.
    """

    ids: np.ndarray
    scores: np.ndarray


def search(
    decoder: Decoder,
    source: np.ndarray,
    width: int = 1,
    temperature: float = 0.0,
    uniforms: np.ndarray | None = None,
) -> Found:
    """Translates rows of token ids.

    Args:
        decoder: The model.
        source: Token ids `(rows, time)`, or what else the encoder takes.
        width: Beginnings that are kept, or translations that are sampled.
        temperature: Of the softmax; 0 for beam search.
        uniforms: Numbers from 0 to 1 to sample by, `(rows, width, length)`.
    """
    rows, length, end = len(source), decoder.length, decoder.end
    encoded = decoder.encode(source)
    states = {
        name: np.repeat(array, width, axis=0)
        for name, array in (encoded | decoder.zeros(rows)).items()
    }
    scores = np.zeros((rows, width))
    if not temperature:
        scores[:, 1:] = LOW
    ids = np.zeros((rows, width, length), "int32")
    token = np.full((rows, width), decoder.start, "int32")
    is_done, counts = np.zeros((rows, width), bool), np.zeros((rows, width))
    every = np.arange(rows)[:, np.newaxis]
    for place in range(length):
        answer = decoder.step({TOKEN: token.ravel(), **states})
        logits = answer["logits"].reshape(rows, width, -1).astype("float64")
        logits[..., :end] = LOW
        ended = np.where(np.arange(logits.shape[-1]) == end, 0.0, LOW)
        log_p = np.where(is_done[..., np.newaxis], ended, log_softmax(logits))
        if temperature:
            assert uniforms is not None
            beam = np.arange(width)[np.newaxis]
            token = np.where(
                is_done, end, draw(logits, temperature, uniforms[..., place])
            )
            scores = scores + np.take_along_axis(log_p, token[..., None], -1)[..., 0]
        else:
            total = (scores[..., np.newaxis] + log_p).reshape(rows, -1)
            best = np.argsort(-total, axis=-1, kind="stable")[:, :width]
            scores = np.take_along_axis(total, best, -1)
            beam, token = np.divmod(best, logits.shape[-1])
        ids, is_done, counts = (
            ids[every, beam],
            is_done[every, beam],
            counts[every, beam],
        )
        ids[:, :, place] = np.where(is_done, 0, token)
        counts = counts + ~is_done
        is_done = is_done | (token == end)
        if is_done.all():
            break
        states |= {
            name: answer[f"next_{name}"]
            .reshape(rows, width, *array.shape[1:])[every, beam]
            .reshape(array.shape)
            for name, array in states.items()
            if f"next_{name}" in answer
        }
    means = scores / counts
    best = means.argmax(axis=1)
    row = np.arange(rows)
    return Found(ids[row, best], means[row, best])


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """Log-probabilities over the last axis."""
    above = logits - logits.max(axis=-1, keepdims=True)
    return above - np.log(np.exp(above).sum(axis=-1, keepdims=True))


def draw(logits: np.ndarray, temperature: float, uniform: np.ndarray) -> np.ndarray:
    """Draws tokens: the first whose cumulative probability is above a number.

    >>> draw(np.log([[0.2, 0.8]]), 1.0, np.array([0.5])).tolist()
    [1]
    """
    above = logits - logits.max(axis=-1, keepdims=True)
    cumulative = np.cumsum(np.exp(above / temperature), axis=-1)
    target = uniform[..., np.newaxis] * cumulative[..., -1:]
    return (cumulative <= target).sum(axis=-1)
