"""What is known of a classifier beyond loss and accuracy, from its test answers."""

from typing import Any, NamedTuple

import numpy as np

from zoo.datasets import Dataset
from zoo.tasks.calibration import calibration
from zoo.tasks.confusion import (
    balanced_accuracy,
    class_scores,
    confusion_matrix,
    confusions,
)
from zoo.tasks.intervals import wilson


class Scores(NamedTuple):
    """Figures of a model on the test split.

    Args:
        metrics: Numbers by name.
        details: What is no single number, ready for JSON: see `assess_classes`.
    """

    metrics: dict[str, float]
    details: dict[str, Any]


def estimates_probabilities(loss: tuple[str, dict[str, Any]] | None) -> bool:
    """Whether the softmax of outputs trained with a loss estimates probabilities.

    That of the scores of a perceptron, or of a margin loss, does not.

    Args:
        loss: Name and arguments; None for the task's own.
    """
    return loss is None or "crossentropy" in loss[0].lower()


def assess_classes(
    logits: np.ndarray, data: Dataset, *, are_probable: bool = True
) -> Scores:
    """Assesses the answers to the test split, class by class.

    Args:
        logits: Of shape `(samples, classes)`, or `(samples, time, classes)`.
        data: With class ids as targets; negative ones are padding.
        are_probable: Whether the softmax of the logits estimates probabilities.

    Returns:
        The metric `balanced_accuracy`, and as details: the number of `samples`, whose
        `unit` is `samples` or `tokens`; `accuracy_interval`, 95 % by Wilson; `classes`,
        a dictionary for each, see `class_scores`; `confusions`; `calibration`, see
        there, None where the answers are no probabilities.
    """
    unit = "samples" if logits.ndim == 2 else "tokens"
    truth, logits = data.test.y.ravel(), logits.reshape(-1, logits.shape[-1])
    known = truth >= 0
    truth, logits = truth[known].astype("int64"), logits[known].astype("float64")
    counts = confusion_matrix(truth, logits.argmax(axis=-1), logits.shape[-1])
    correct = float(counts.trace() / len(truth))
    details = {
        "samples": len(truth),
        "unit": unit,
        "accuracy_interval": list(wilson(correct, len(truth))),
        "classes": class_scores(counts, data.labels),
        "confusions": confusions(counts, data.labels),
        "calibration": calibration(_softmax(logits), truth) if are_probable else None,
    }
    return Scores({"balanced_accuracy": balanced_accuracy(counts)}, details)


def _softmax(logits: np.ndarray) -> np.ndarray:
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)
