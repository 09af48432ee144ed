"""Confusion matrix."""

import numpy as np
from matplotlib.figure import Figure

from zoo.reports.drawing import new_figure
from zoo.reports.labels import label
from zoo.reports.subject import Subject
from zoo.tasks.confusion import confusion_matrix

TITLE = "Confusion matrix of the test split"
READING = (
    "A row is a true class and a column what the model predicted: the numbers count "
    "samples, the colour is the fraction of the row, and what lies off the diagonal is "
    "a confusion of two classes."
)
ORDER = 20
MOST_CLASSES = 20
_WITH_NUMBERS = 12
_LETTERS = 30  # that fit beside each other


def draw(subject: Subject) -> Figure | None:
    """Draws the confusion matrix, each row normalized to fractions of its class.

    Of more than 20 classes, those with the most errors.
    """
    labels = subject.data.labels
    if subject.task not in ("classification", "tagging"):
        return None
    truth = subject.data.test.y
    counts = confusion_matrix(truth, subject.predictions, len(labels))
    shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    shown = worst(counts, MOST_CLASSES)
    counts, shares = counts[np.ix_(shown, shown)], shares[np.ix_(shown, shown)]
    about = subject.title
    if len(shown) < len(labels):
        about += f", the {len(shown)} of {len(labels)} classes with the most errors"
    figure = new_figure(TITLE, about, 5.0)
    axes = figure.subplots()
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    figure.colorbar(image, label="fraction of the true class", shrink=0.8)
    names = [label(labels[k], 12) for k in shown]
    is_short = len(shown) * max(map(len, names)) <= _LETTERS
    axes.set_xticks(range(len(shown)), names, rotation=0 if is_short else 90)
    axes.set_yticks(range(len(shown)), names)
    axes.set(xlabel="predicted", ylabel="true")
    if len(shown) <= _WITH_NUMBERS:
        for (row, column), count in np.ndenumerate(counts):
            color = "white" if shares[row, column] > 0.5 else "black"
            axes.text(column, row, str(count), ha="center", va="center", color=color)
    return figure


def worst(counts: np.ndarray, most: int) -> np.ndarray:
    """Returns the classes with the most errors in row and column, in their order.

    >>> worst(np.array([[5, 0, 0], [0, 5, 2], [0, 1, 5]]), 2).tolist()
    [1, 2]
    """
    errors = counts.sum(axis=0) + counts.sum(axis=1) - 2 * counts.diagonal()
    return np.sort(np.argsort(-errors, kind="stable")[:most])
