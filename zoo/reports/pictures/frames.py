"""Frames of test videos."""

import numpy as np
from matplotlib.figure import Figure

from zoo.reports.drawing import new_figure, show
from zoo.reports.labels import label
from zoo.reports.subject import Subject

TITLE = "Test videos"
READING = (
    "Each row is a video of the test split, frame by frame from the left, below what "
    "the model says of it and what is true."
)
ORDER = 16
VIDEOS, FRAMES = 6, 8


def draw(subject: Subject) -> Figure | None:
    """Draws some frames, evenly over time, of the first videos."""
    x = subject.data.test.x
    if subject.task != "classification" or x.ndim != 5 or x.shape[-1] not in (1, 3):
        return None
    videos = x[:VIDEOS]
    frames = np.unique(np.linspace(0, x.shape[1] - 1, FRAMES).round().astype(int))
    figure = new_figure(TITLE, subject.title, 1.2 * len(videos))
    parts = figure.subfigures(len(videos), 1, squeeze=False)
    names, truth = subject.data.labels, subject.data.test.y
    for row, (part, video) in enumerate(zip(parts[:, 0], videos, strict=True)):
        says = label(names[subject.predictions[row]], 14)
        part.suptitle(f"says {says}; true: {label(names[truth[row]], 14)}", fontsize=9)
        grid = part.subplots(1, len(frames), squeeze=False)
        for axes, frame in zip(grid.flat, frames, strict=True):
            axes.set(xticks=[], yticks=[])
            show(axes, video[frame])
    return figure
