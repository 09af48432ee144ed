"""Text from a language model, one character after the other."""

import math
from pathlib import Path

import keras
import numpy as np

from zoo import tasks
from zoo.datasets.vocabulary import Vocabulary
from zoo.errors import ArgumentError
from zoo.runs.run import Run
from zoo.runs.trained import trained

_SPECIAL = 2  # padding and the unknown character are never written


def generate(
    model_or_name: Run | str | Path,
    prompt: str = "",
    *,
    length: int = 300,
    temperature: float = 1.0,
    seed: int = 0,
) -> str:
    """Writes a text on, drawing each character from what the model expects.

    `p_k = exp(l_k / T) / sum_j exp(l_j / T)` with the logits `l` behind the text so far
    and the temperature `T`: near 0, always the likeliest character.

    Args:
        model_or_name: A run of a language model, its folder, or a name whose weights
            ship.
        prompt: What the text begins with; a new line without it.
        length: Characters to write.
        temperature: More than 0 draws, 0 takes the likeliest.
        seed: Of the draws.

    Returns:
        The prompt and what follows.

    Raises:
        ArgumentError: If it is no language model, or a number is too small.
    """
    if not (0 <= temperature < math.inf and length >= 0):
        raise ArgumentError(
            "`temperature` and `length` must be 0 or more, and finite. Received: "
            f"temperature={temperature}, length={length}"
        )
    subject = trained(model_or_name)
    if subject.task != "language_modelling" or subject.vocabulary is None:
        raise ArgumentError(
            f"{subject.name!r} is for {subject.task}; `zoo list --task "
            "language_modelling` shows models that write."
        )
    settings = tasks.get(subject.task).settings(subject.encoding)
    writer = _Writer(subject.model, subject.vocabulary, settings["length"])
    generator = np.random.default_rng(seed)
    text = prompt or "\n"
    for _ in range(length):
        logits = writer.next_logits(text)
        text += subject.vocabulary.tokens[_draw(logits, temperature, generator)]
    return text if prompt else text[1:]


class _Writer:
    def __init__(self, model: keras.Model, vocabulary: Vocabulary, window: int) -> None:
        self.model = model
        self.vocabulary = vocabulary
        self.window = window

    def next_logits(self, text: str) -> np.ndarray:
        """Returns the logits of what may follow the last characters of a text."""
        ids = self.vocabulary.encode(text[-self.window :])
        # Always of one shape, so compiled once; what is behind the text has no effect.
        tokens = np.zeros((1, self.window), "int32")
        tokens[0, : len(ids)] = ids
        logits = np.asarray(self.model.predict_on_batch(tokens))[0, len(ids) - 1]
        return logits[_SPECIAL:]


def _draw(
    logits: np.ndarray, temperature: float, generator: np.random.Generator
) -> int:
    if temperature == 0:
        return int(np.argmax(logits)) + _SPECIAL
    # In double precision, so that the shares add up to 1.
    scaled = (logits.astype("float64") - logits.max()) / temperature
    shares = np.exp(scaled)
    return int(generator.choice(len(shares), p=shares / shares.sum())) + _SPECIAL
