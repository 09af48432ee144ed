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
    figure = new_figure(TITLE, subject.title, 1.0 * len(videos))
    grid = figure.subplots(len(videos), len(frames), squeeze=False)
    names, truth = subject.data.labels, subject.data.test.y
    for row, (axes_of_video, video) in enumerate(zip(grid, videos, strict=True)):
        for axes, frame in zip(axes_of_video, frames, strict=True):
            axes.set(xticks=[], yticks=[])
            show(axes, video[frame])
        says = label(names[subject.predictions[row]], 14)
        title = f"says {says}; true: {label(names[truth[row]], 14)}"
        axes_of_video[0].set_title(title, fontsize=9, loc="left")
    return figure
