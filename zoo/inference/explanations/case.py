"""One sample, and the output for it that is explained."""

import abc
from collections.abc import Sequence
from typing import Any

import numpy as np

from zoo.errors import ArgumentError
from zoo.inference.answers.answerer import Answerer
from zoo.inference.explanations.target import OF_CLASSES, Target, choose
from zoo.inference.inputs.model_input import Kind, ModelInput

_LEAST = 1e-12  # a probability whose logarithm is finite
_SHARE, _VALUE, _STEP = "log probability of", "value of", "forecast at step"
BATCH = 64  # samples that are answered together


class Case(abc.ABC):
    """A sample of a model, or of whatever gives answers.

    Args:
        takes: What samples are made of.
        sample: A batch of one, an array or a list with a text.
        names: Of its tokens, or of its columns.
        target: The output.
    """

    def __init__(
        self, takes: ModelInput, sample: Any, names: Sequence[str], target: Target
    ) -> None:
        self.takes, self.sample, self.target = takes, sample, target
        self.names = tuple(names)

    @property
    def kind(self) -> Kind:
        """What the sample is made of."""
        return self.takes.kind

    @abc.abstractmethod
    def answers(self, samples: Any) -> np.ndarray:
        """Returns the outputs for samples, of shape `(samples, outputs)`."""

    def scores(self, samples: Any) -> np.ndarray:
        """Returns the explained output for each of some samples, batch by batch."""
        parts = [
            self.answers(samples[start : start + BATCH])[:, self.target.index]
            for start in range(0, len(samples), BATCH)
        ]
        return np.concatenate(parts).astype("float64")

    @property
    def value(self) -> float:
        """The explained output for the sample."""
        return float(self.scores(self.sample)[0])


class AnswererCase(Case):
    """A sample of an artifact or of a server, which give answers and no gradients."""

    def __init__(
        self,
        answerer: Answerer,
        sample: Any,
        names: Sequence[str] = (),
        wanted: str | None = None,
    ) -> None:
        self._answerer = answerer
        takes = answerer.takes
        answers, score = _answers(answerer, sample)
        index, name = choose(
            answers[0], answerer.labels or answerer.targets, takes.task, wanted
        )
        super().__init__(takes, sample, names, Target(index, name, score))

    def answers(self, samples: Any) -> np.ndarray:
        """See `Case.answers`: of classes, the logarithm of their probabilities."""
        return _answers(self._answerer, samples)[0]


def _answers(answerer: Answerer, samples: Any) -> tuple[np.ndarray, str]:
    outputs = answerer.outputs(samples)
    if "probabilities" in outputs:
        shares = np.asarray(outputs["probabilities"], "float64")
        return np.log(np.maximum(shares, _LEAST)), _SHARE
    for name, score in (("predictions", _VALUE), ("forecast", _STEP)):
        if name in outputs:
            return np.asarray(outputs[name]), score
    name, found = next(iter(outputs.items()))
    if len(outputs) > 1 or np.ndim(found) != 2:
        raise ArgumentError(
            f"{answerer.takes.name!r} answers with {', '.join(outputs)}; what is "
            "explained is a class, a quantity or a step of a forecast."
        )
    return np.asarray(found), _VALUE


def score_name(task: str | None, *, is_share: bool) -> str:
    """Names what a model of a task returns.

    Args:
        task: Of the model.
        is_share: Whether it returns probabilities, of which the logarithm is taken.
    """
    if is_share:
        return _SHARE
    if task == "forecasting":
        return _STEP
    return "logit of" if task in OF_CLASSES else _VALUE
