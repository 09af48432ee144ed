"""Confusion matrix."""

import numpy as np
from matplotlib.figure import Figure

from zoo.reports.subject import Subject

TITLE = "Confusion matrix of the test split: rows are true, columns predicted"
ORDER = 20
MOST_CLASSES = 40
_WITH_NUMBERS = 20


def draw(subject: Subject) -> Figure | None:
    """Draws the confusion matrix, each row normalized to fractions of its class."""
    labels = subject.data.labels
    if subject.task not in ("classification", "tagging") or len(labels) > MOST_CLASSES:
        return None
    counts = matrix(subject.data.test.y, subject.predictions, len(labels))
    shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    side = 2.5 + 0.4 * len(labels)
    figure = Figure(figsize=(side, side), layout="constrained")
    axes = figure.subplots()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    places = range(len(labels))
    axes.set_xticks(places, labels, rotation=90)
    axes.set_yticks(places, labels)
    axes.set(xlabel="predicted", ylabel="true")
    if len(labels) <= _WITH_NUMBERS:
        for (row, column), count in np.ndenumerate(counts):
            color = "white" if shares[row, column] > 0.5 else "black"
            axes.text(
                column, row, count, ha="center", va="center", color=color, fontsize=8
            )
    return figure


def matrix(truth: np.ndarray, predictions: np.ndarray, classes: int) -> np.ndarray:
    """Counts pairs of true and predicted class; negative classes are left out.

    >>> matrix(np.array([0, 1, 1, -1]), np.array([0, 1, 0, 1]), 2).tolist()
    [[1, 0], [1, 1]]
    """
    known = truth >= 0
    pairs = truth[known] * classes + predictions[known]
    return np.bincount(pairs, minlength=classes**2).reshape(classes, classes)
