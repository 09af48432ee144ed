"""Misclassified test images."""

import numpy as np
from matplotlib.figure import Figure

from zoo.reports.drawing import tiles
from zoo.reports.subject import Subject

TITLE = "Most confident errors on the test split: predicted (true)"
ORDER = 30
SHOWN = 24


def draw(subject: Subject) -> Figure | None:
    """Draws the errors with the largest margin of the predicted over the true class."""
    if subject.task != "classification" or not subject.has_images:
        return None
    test, predictions, logits = subject.data.test, subject.predictions, subject.outputs
    rows = np.arange(len(predictions))
    margin = logits[rows, predictions] - logits[rows, test.y]
    wrong = np.flatnonzero(predictions != test.y)
    chosen = wrong[np.argsort(-margin[wrong], kind="stable")][:SHOWN]
    if not len(chosen):
        return None
    labels = subject.data.labels
    titles = [f"{labels[predictions[i]]} ({labels[test.y[i]]})" for i in chosen]
    return tiles(test.x[chosen], titles)
