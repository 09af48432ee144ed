"""The errors of a regression on the test split."""

import numpy as np
from matplotlib.figure import Figure

from zoo.reports.drawing import new_figure
from zoo.reports.labels import label
from zoo.reports.pictures.predicted import MOST_TARGETS, points
from zoo.reports.subject import Subject

TITLE = "Residuals"
READING = (
    "Left the residual (true minus predicted) of each sample by its prediction, where "
    "a bend shows what the model misses and a fan that errors grow with the quantity; "
    "right how often residuals of a size occur, which should lie around 0."
)
ORDER = 22
_BINS = 30


def draw(subject: Subject) -> Figure | None:
    """Draws two panels for each of the first targets."""
    if subject.task != "regression":
        return None
    targets = subject.data.targets[:MOST_TARGETS]
    figure = new_figure(TITLE, subject.title, 3.4 * len(targets))
    panels = figure.subplots(len(targets), 2, squeeze=False, sharey="row")
    residuals = subject.data.test.y - subject.outputs
    rows = points(len(residuals))
    for place, (left, right) in enumerate(panels):
        left.scatter(
            subject.outputs[rows, place],
            residuals[rows, place],
            s=9,
            alpha=0.5,
            linewidths=0,
        )
        left.axhline(0, color="grey", linestyle="--", linewidth=1)
        name = label(targets[place], 24)
        left.set(xlabel=f"predicted {name}", ylabel="true minus predicted")
        right.hist(
            residuals[:, place],
            bins=edges(residuals[:, place]),
            orientation="horizontal",
        )
        right.axhline(0, color="grey", linestyle="--", linewidth=1)
        right.set(xlabel="samples")
    return figure


def edges(values: np.ndarray) -> np.ndarray:
    """Returns the edges of bins, also of values that are all the same.

    >>> len(edges(np.array([2.0, 2.0]))), edges(np.array([0.0, 3.0]))[[0, -1]].round(3)
    (31, array([-0.,  3.]))
    """
    lowest, highest = float(values.min()), float(values.max())
    margin = 1e-6 * max(abs(lowest), abs(highest), 1.0)
    return np.linspace(lowest - margin, highest + margin, _BINS + 1)
