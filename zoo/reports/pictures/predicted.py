"""What a regression predicted for the test split, against the true quantities."""

import numpy as np
from matplotlib.figure import Figure

from zoo.reports.drawing import new_figure
from zoo.reports.labels import label
from zoo.reports.subject import Subject

TITLE = "Predicted against true"
READING = (
    "Each point is a sample of the test split: on the diagonal where the prediction is "
    "right, above it where it is too high; a cloud that is flatter than the diagonal "
    "shows a model that stays too close to the mean."
)
ORDER = 21
MOST_TARGETS = 6
MOST_POINTS = 2000  # drawn, evenly over the split


def draw(subject: Subject) -> Figure | None:
    """Draws a panel for each of the first targets."""
    if subject.task != "regression":
        return None
    targets = subject.data.targets[:MOST_TARGETS]
    figure = new_figure(TITLE, subject.title, 4.0 * -(-len(targets) // 2))
    panels = figure.subplots(-(-len(targets) // 2), min(2, len(targets)), squeeze=False)
    rows = points(len(subject.outputs))
    for place, axes in enumerate(panels.flat):
        if place >= len(targets):
            axes.set_axis_off()
            continue
        true = subject.data.test.y[rows, place]
        predicted = subject.outputs[rows, place]
        axes.scatter(true, predicted, s=9, alpha=0.5, linewidths=0)
        ends = min(true.min(), predicted.min()), max(true.max(), predicted.max())
        axes.plot(ends, ends, "--", color="grey", linewidth=1)
        axes.set(xlabel=f"true {label(targets[place], 24)}", ylabel="predicted")
    return figure


def points(samples: int) -> np.ndarray:
    """Returns the rows that are drawn.

    >>> points(3).tolist(), len(points(10_000))
    ([0, 1, 2], 2000)
    """
    return np.linspace(0, samples - 1, min(samples, MOST_POINTS)).astype("int64")
