"""Text generation: a language model continues a prompt, character by character."""

import math
import os

import keras
import numpy as np

from zoo import tasks
from zoo.datasets.vocabulary import Vocabulary
from zoo.errors import ArgumentError
from zoo.runs.run import Run
from zoo.runs.trained import trained

_SPECIAL = 2  # padding and the unknown token are never generated


def generate(
    model_or_name: Run | str | os.PathLike,
    prompt: str = "",
    *,
    length: int = 300,
    temperature: float = 1.0,
    seed: int = 0,
) -> str:
    """Continues a prompt by sampling each character from the predicted distribution.

    `p_k = exp(l_k / T) / sum_j exp(l_j / T)` with the logits `l` after the text so far
    and the temperature `T`: as `T` goes to 0, greedy decoding.

    Args:
        model_or_name: A run of a language model, its folder, or a name whose weights
            ship.
        prompt: What the text begins with; a new line without it.
        length: Number of characters to generate.
        temperature: Of the softmax; 0 is greedy decoding.
        seed: Of the sampling.

    Returns:
        The prompt and its continuation.

    Raises:
        ArgumentError: If it is no language model, or a number is out of range.
    """
    check_options(length, temperature)
    subject = trained(model_or_name)
    if subject.task != "language_modelling" or subject.vocabulary is None:
        raise ArgumentError(
            f"{subject.name!r} is for {subject.task}; `zoo list --task "
            "language_modelling` shows the language models."
        )
    settings = tasks.get(subject.task).settings(subject.encoding)
    model = _NextCharacter(subject.model, subject.vocabulary, settings["length"])
    generator = np.random.default_rng(seed)
    text = prompt or "\n"
    for _ in range(length):
        logits = model.logits(text)
        text += subject.vocabulary.tokens[_sample(logits, temperature, generator)]
    return text if prompt else text[1:]


def check_options(length: int, temperature: float) -> None:
    """Checks what a text is asked for.

    Raises:
        ArgumentError: If a number is out of range.
    """
    if not (0 <= temperature < math.inf and length >= 0):
        raise ArgumentError(
            "`temperature` and `length` must be 0 or more, and finite. Received: "
            f"temperature={temperature}, length={length}"
        )


class _NextCharacter:
    def __init__(self, model: keras.Model, vocabulary: Vocabulary, window: int) -> None:
        self.model = model
        self.vocabulary = vocabulary
        self.window = window

    def logits(self, text: str) -> np.ndarray:
        """Returns the logits of the character after the last `window` ones."""
        ids = self.vocabulary.encode(text[-self.window :])
        # Of one shape, so traced once; the model is causal, so padding has no effect.
        tokens = np.zeros((1, self.window), "int32")
        tokens[0, : len(ids)] = ids
        logits = np.asarray(self.model.predict_on_batch(tokens))[0, len(ids) - 1]
        return logits[_SPECIAL:]


def _sample(
    logits: np.ndarray, temperature: float, generator: np.random.Generator
) -> int:
    if temperature == 0:
        return int(np.argmax(logits)) + _SPECIAL
    # In double precision, so that the probabilities add up to 1.
    scaled = (logits.astype("float64") - logits.max()) / temperature
    weights = np.exp(scaled)
    return int(generator.choice(len(weights), p=weights / weights.sum())) + _SPECIAL
