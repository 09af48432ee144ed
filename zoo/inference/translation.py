"""Translation: an encoder-decoder model writes texts in another language."""

import os
from collections.abc import Sequence

import numpy as np

from zoo import tasks
from zoo.datasets.vocabulary import TOKENIZERS, padded
from zoo.errors import ArgumentError
from zoo.runs.run import Run
from zoo.runs.trained import trained
from zoo.tasks.beam_search import search
from zoo.tasks.translation import decoder, separator, text_of

_WIDEST = 10


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
        ArgumentError: If it is no translator, or a number is out of range.
    """
    if not 1 <= beam_width <= _WIDEST:
        raise ArgumentError(
            f"`beam_width` must be 1 to {_WIDEST}. Received: {beam_width}"
        )
    if not 0 <= temperature < np.inf:
        raise ArgumentError(
            f"`temperature` must be 0 or more, and finite. Received: {temperature}"
        )
    subject = trained(model_or_name)
    vocabulary = subject.vocabulary
    if subject.task != "translation" or vocabulary is None:
        raise ArgumentError(
            f"{subject.name!r} is for {subject.task}; `zoo list --task translation` "
            "shows the translators."
        )
    length = tasks.get(subject.task).fixed_in_model(subject.model)["source_length"]
    tokens = TOKENIZERS["words" if separator(vocabulary) else "characters"]
    source = padded([vocabulary.encode(tokens(text)) for text in texts], length)
    decoding = decoder(subject.model)
    shape = (len(texts), beam_width, decoding.length)
    uniforms = np.random.default_rng(seed).random(shape)
    found = search(decoding, source, beam_width, temperature, uniforms)
    return [text_of(vocabulary, row) for row in found.ids]
