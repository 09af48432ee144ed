"""Counts, precision, recall and F1 of labels of which a sample has any number."""

from collections.abc import Sequence
from typing import Any

import numpy as np


def f1(truth: np.ndarray, predicted: np.ndarray) -> float:
    """Returns the F1 of all decisions together; 0 where there is no label at all.

    >>> f1(np.array([[True, False], [True, True]]), np.array([[True, True], [0, 1]]))
    0.6666666666666666
    """
    total = int(np.sum(truth)) + int(np.sum(predicted))
    return float(2 * np.sum(truth * predicted) / total) if total else 0.0


def label_scores(
    truth: np.ndarray, predicted: np.ndarray, labels: Sequence[str]
) -> list[dict[str, Any]]:
    r"""Returns counts, precision, recall and F1 of each label.

    .. math::

        P_k = \frac{t_k}{p_k}, \quad R_k = \frac{t_k}{n_k}, \quad
        F_k = \frac{2 t_k}{p_k + n_k}

    for :math:`n_k` samples with the label, :math:`p_k` for which it is predicted, and
    :math:`t_k` of both. What would be divided by zero is None.

    Args:
        truth: Whether samples have labels, shape (samples, labels).
        predicted: Whether labels are predicted.
        labels: Their names.

    Example:

    >>> truth = np.array([[True, False], [True, False]])
    >>> first, second = label_scores(truth, truth[::-1] ^ [[1, 0], [0, 0]], "ab")
    >>> first["recall"], second["recall"]
    (0.5, None)
    """
    samples, found = truth.sum(axis=0), predicted.sum(axis=0)
    both = (truth & predicted).sum(axis=0)
    return [
        {
            "name": label,
            "samples": int(samples[k]),
            "predicted": int(found[k]),
            "correct": int(both[k]),
            "precision": _ratio(both[k], found[k]),
            "recall": _ratio(both[k], samples[k]),
            "f1": _ratio(2 * both[k], samples[k] + found[k]),
        }
        for k, label in enumerate(labels)
    ]


def _ratio(part: int, whole: int) -> float | None:
    return float(part / whole) if whole else None
