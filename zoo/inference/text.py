"""Text generation: a language model continues a prompt, character by character."""

import functools
import math
import os
from collections.abc import Callable, Sequence

import keras
import numpy as np

from zoo import tasks
from zoo.errors import ArgumentError
from zoo.inference.seeds import check_seeds
from zoo.inference.stepping import Reader, step_model, zero_states
from zoo.runs.run import Run
from zoo.runs.trained import trained
from zoo.tasks.tokens import position_limit

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
    and the temperature `T`: as `T` goes to 0, greedy decoding. The states of a model of
    which `zoo.inference.stepping` has the steps go on from one character to the next;
    any other reads the last characters, as many as in training, again for each.

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
    check_options(length, temperature, seed)
    subject = trained(model_or_name)
    if subject.task != "language_modelling" or subject.vocabulary is None:
        raise ArgumentError(
            f"{subject.name!r} is for {subject.task}; `zoo list --task "
            "language_modelling` shows the language models."
        )
    settings = tasks.get(subject.task).settings(subject.encoding)
    window = settings["length"]
    logits = _logits(subject.model, window)
    generator = np.random.default_rng(seed)
    ids = subject.vocabulary.encode((prompt or "\n")[-window:]).tolist()
    begin = len(ids)
    while len(ids) < begin + length:
        ids.append(_sample(logits(ids)[_SPECIAL:], temperature, generator))
    return prompt + "".join(subject.vocabulary.tokens[i] for i in ids[begin:])


def check_options(length: int, temperature: float, seed: int) -> None:
    """Checks what a text is asked for.

    Raises:
        ArgumentError: If a number is out of range.
    """
    if not (0 <= temperature < math.inf and length >= 0):
        raise ArgumentError(
            "`temperature` and `length` must be 0 or more, and finite. Received: "
            f"temperature={temperature}, length={length}"
        )
    check_seeds(seed)


def _logits(model: keras.Model, window: int) -> Callable[[Sequence[int]], np.ndarray]:
    """Returns what computes the logits of the token behind others."""
    step = step_model(model)
    if step is None:
        return functools.partial(_logits_anew, model, window)
    zeros = functools.partial(zero_states, step)
    return Reader(step.predict_on_batch, zeros, position_limit(model)).logits


def _logits_anew(model: keras.Model, window: int, ids: Sequence[int]) -> np.ndarray:
    """Reads the last tokens."""
    last = ids[-window:]
    # Of one shape, so traced once; the model is causal, so padding has no effect.
    tokens = np.zeros((1, window), "int32")
    tokens[0, : len(last)] = last
    return np.asarray(model.predict_on_batch(tokens))[0, len(last) - 1]


def _sample(
    logits: np.ndarray, temperature: float, generator: np.random.Generator
) -> int:
    if temperature == 0:
        return int(np.argmax(logits)) + _SPECIAL
    # In double precision, so that the probabilities add up to 1.
    scaled = (logits.astype("float64") - logits.max()) / temperature
    weights = np.exp(scaled)
    return int(generator.choice(len(weights), p=weights / weights.sum())) + _SPECIAL
