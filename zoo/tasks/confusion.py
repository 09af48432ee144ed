"""The confusion matrix, and what follows from it for each class."""

from collections.abc import Sequence
from typing import Any

import numpy as np


def confusion_matrix(
    truth: np.ndarray, predictions: np.ndarray, classes: int
) -> np.ndarray:
    """Counts pairs of true class (row) and predicted class (column).

    Negative true classes, which are padding, are left out.

    Args:
        truth: Class ids, of any shape.
        predictions: Class ids of the same shape.
        classes: Number of classes.

    Example:

    >>> truth, predictions = np.array([0, 1, 1, -1]), np.array([0, 1, 0, 1])
    >>> confusion_matrix(truth, predictions, 2).tolist()
    [[1, 0], [1, 1]]
    """
    known = truth >= 0
    pairs = truth[known].astype("int64") * classes + predictions[known]
    return np.bincount(pairs, minlength=classes**2).reshape(classes, classes)


def balanced_accuracy(counts: np.ndarray) -> float:
    r"""Returns the mean recall of the classes that occur.

    .. math::

        \frac{1}{k} \sum_{c=1}^k \frac{n_{cc}}{\sum_j n_{cj}}

    Args:
        counts: Confusion matrix :math:`n`.

    Example:

    >>> balanced_accuracy(np.array([[98, 0], [1, 1]]))
    0.75
    """
    samples = counts.sum(axis=1)
    occur = samples > 0
    return float((counts.diagonal()[occur] / samples[occur]).mean())


def class_scores(counts: np.ndarray, labels: Sequence[str]) -> list[dict[str, Any]]:
    r"""Returns counts, precision, recall and F1 of each class.

    .. math::

        P_c = \frac{n_{cc}}{\sum_i n_{ic}}, \quad
        R_c = \frac{n_{cc}}{\sum_j n_{cj}}, \quad
        F_c = \frac{2 n_{cc}}{\sum_i n_{ic} + \sum_j n_{cj}}

    What would be divided by zero is None: the precision of a class that is never
    predicted, and the recall of one that does not occur.

    Args:
        counts: Confusion matrix :math:`n`.
        labels: Name of each class.

    Example:

    >>> class_scores(np.array([[3, 1], [0, 0]]), ["a", "b"])[1]["recall"] is None
    True
    """
    samples, predicted = counts.sum(axis=1), counts.sum(axis=0)
    correct = counts.diagonal()
    return [
        {
            "name": label,
            "samples": int(samples[k]),
            "predicted": int(predicted[k]),
            "correct": int(correct[k]),
            "precision": _ratio(correct[k], predicted[k]),
            "recall": _ratio(correct[k], samples[k]),
            "f1": _ratio(2 * correct[k], samples[k] + predicted[k]),
        }
        for k, label in enumerate(labels)
    ]


def confusions(counts: np.ndarray, labels: Sequence[str]) -> list[dict[str, Any]]:
    """Returns the pairs of classes that were confused, the most frequent first.

    With `correct` of each class they are the whole confusion matrix.

    Example:

    >>> confusions(np.array([[3, 1], [0, 2]]), ["a", "b"])
    [{'true': 'a', 'predicted': 'b', 'samples': 1}]
    """
    wrong = counts - np.diag(counts.diagonal())
    rows, columns = np.nonzero(wrong)
    order = np.argsort(-wrong[rows, columns], kind="stable").tolist()
    return [
        {
            "true": labels[row],
            "predicted": labels[column],
            "samples": int(wrong[row, column]),
        }
        for row, column in np.stack([rows, columns], axis=1)[order].tolist()
    ]


def _ratio(part: int, whole: int) -> float | None:
    return float(part / whole) if whole else None
