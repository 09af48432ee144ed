"""The output of a model that is explained."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from zoo.errors import ArgumentError, UnknownNameError

OF_CLASSES = ("classification", "multi_label")
OF_MODELS = ("tagging", "captioning", "detection", "reconstruction")
TASKS = (*OF_CLASSES, "regression", "forecasting", *OF_MODELS)


@dataclasses.dataclass(frozen=True)
class Target:
    """One number among the outputs for a sample.

    Args:
        index: Its place.
        name: Of the class, the quantity or the step of a forecast.
        score: What the number is, such as `logit of`.
    """

    index: int
    name: str
    score: str

    @property
    def title(self) -> str:
        """What the number is, such as `logit of 7`."""
        return f"{self.score} {self.name}"


def check_task(name: str, task: str | None) -> None:
    """Checks that the answers of a task can be explained.

    Raises:
        ArgumentError: If they are no numbers of a sample.
    """
    if task is not None and task not in TASKS:
        raise ArgumentError(
            f"{name!r} is for {task.replace('_', ' ')}; what is explained is a class, "
            "a quantity, a step of a forecast, a tag, a word of a caption, a box or a "
            "reconstruction, of the models that `zoo list --task TASK` shows for "
            f"{', '.join(TASKS)}."
        )


def choose(
    answers: np.ndarray, names: Sequence[str], task: str | None, wanted: str | None
) -> tuple[int, str]:
    """Returns the place and the name of the output that is explained.

    Args:
        answers: Of one sample, of shape `(outputs,)`.
        names: Of the outputs; their places if there are none, steps counted from 1.
        task: Of the model.
        wanted: Name of the output; if None the largest of classes, else the first.

    Raises:
        UnknownNameError: If none is called so.

    >>> choose(np.array([0.1, 0.9]), ["cat", "dog"], "classification", None)
    (1, 'dog')
    >>> choose(np.array([7.0, 8.0]), [], "forecasting", "2")
    (1, '2')
    """
    first = 1 if task == "forecasting" else 0
    known = list(names) or [str(first + i) for i in range(len(answers))]
    if wanted is not None:
        if wanted not in known:
            raise UnknownNameError.of("target", wanted, known, "Give one of these.")
        return known.index(wanted), wanted
    are_quantities = task in ("regression", "forecasting")
    index = 0 if are_quantities else int(np.argmax(answers))
    return index, known[index]


def describe(target: Target, value: Any) -> str:
    """Says what is explained, for a title.

    >>> describe(Target(7, "7", "logit of"), 12.345)
    'logit of 7: 12.35'
    """
    return f"{target.title}: {float(value):.4g}"
