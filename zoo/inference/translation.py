"""Translation: an encoder-decoder model writes texts in another language."""

import os
from collections.abc import Sequence

import numpy as np

from zoo import messages, tasks
from zoo.datasets.vocabulary import TOKENIZERS, Vocabulary, padded
from zoo.errors import ArgumentError
from zoo.inference.seeds import check_seeds
from zoo.runs.run import Run
from zoo.runs.trained import trained
from zoo.tasks.beam_search import search
from zoo.tasks.translation import decoder, separator, text_of

_WIDEST = 10
_SHOWN = 60  # characters of a text in a message


def translate(
    model_or_name: Run | str | os.PathLike,
    texts: Sequence[str],
    *,
    beam_width: int = 1,
    temperature: float = 0.0,
    seed: int = 0,
) -> list[str]:
    """Translates texts by beam search, or by sampling; see `zoo.tasks.beam_search`.

    Args:
        model_or_name: A run of a translator, its folder, or a name whose weights ship.
        texts: To translate.
        beam_width: Beginnings that are kept, 1 (greedy decoding) to 10; above
            temperature 0, samples of which the most probable is taken.
        temperature: Of the softmax; 0 is beam search.
        seed: Of the sampling.

    Returns:
        The translation of each.

    Raises:
        ArgumentError: If it is no translator, a text is empty, or a number is out of
            range.
    """
    check_options(beam_width, temperature)
    check_seeds(seed, len(texts))
    subject = trained(model_or_name)
    vocabulary = subject.vocabulary
    if subject.task != "translation" or vocabulary is None:
        raise ArgumentError(
            f"{subject.name!r} is for {subject.task}; `zoo list --task translation` "
            "shows the translators."
        )
    length = tasks.get(subject.task).fixed_in_model(subject.model)["source_length"]
    tokens = TOKENIZERS["words" if separator(vocabulary) else "characters"]
    rows = [tokens(text) for text in texts]
    for text, row in zip(texts, rows, strict=True):
        _check(text, row, vocabulary, length)
    source = padded([vocabulary.encode(row) for row in rows], length)
    decoding = decoder(subject.model)
    shape = (len(texts), beam_width, decoding.length)
    uniforms = np.random.default_rng(seed).random(shape)
    found = search(decoding, source, beam_width, temperature, uniforms)
    return [text_of(vocabulary, row) for row in found.ids]


def check_options(beam_width: int, temperature: float) -> None:
    """Checks what a search is asked for.

    Raises:
        ArgumentError: If a number is out of range.
    """
    if not 1 <= beam_width <= _WIDEST:
        raise ArgumentError(
            f"`beam_width` must be 1 to {_WIDEST}. Received: {beam_width}"
        )
    if not 0 <= temperature < np.inf:
        raise ArgumentError(
            f"`temperature` must be 0 or more, and finite. Received: {temperature}"
        )


def _check(
    text: str, tokens: Sequence[str], vocabulary: Vocabulary, length: int
) -> None:
    """Refuses an empty text, and says what of another one the model does not see."""
    shown = repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")
    if not tokens:
        raise ArgumentError(f"There is nothing to translate in {shown}.")
    if len(tokens) > length:
        messages.warn(
            f"{shown} has {len(tokens):,} tokens; the model reads the first {length}."
        )
    known = frozenset(vocabulary.tokens)
    unknown = dict.fromkeys(token for token in tokens[:length] if token not in known)
    if unknown:
        listed = ", ".join(map(repr, unknown))
        messages.warn(f"{shown}: the model does not know {listed}.")
