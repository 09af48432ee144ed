"""Test images that were taken for something else."""

import numpy as np
from matplotlib.figure import Figure

from zoo.reports.drawing import tiles
from zoo.reports.subject import Subject

TITLE = "Mistakes on the test split, the surest first: predicted (true)"
ORDER = 30
SHOWN = 24


def draw(subject: Subject) -> Figure | None:
    """Draws the images whose wrong class has the largest lead over the true one."""
    if subject.task != "classification" or not subject.has_images:
        return None
    test, guesses, logits = subject.data.test, subject.guesses, subject.outputs
    places = np.arange(len(guesses))
    lead = logits[places, guesses] - logits[places, test.y]
    wrong = np.flatnonzero(guesses != test.y)
    chosen = wrong[np.argsort(-lead[wrong], kind="stable")][:SHOWN]
    if not len(chosen):
        return None
    labels = subject.data.labels
    titles = [f"{labels[guesses[i]]} ({labels[test.y[i]]})" for i in chosen]
    return tiles(test.x[chosen], titles)
