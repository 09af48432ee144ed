"""One picture of a run: its training curves and a few of its predictions."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from zoo.datasets import Dataset
from zoo.files import replacing
from zoo.reports.drawing import new_figure, png, style, tiles
from zoo.reports.labels import label
from zoo.reports.pictures import curves
from zoo.reports.subject import Subject
from zoo.runs.run import Run

COLUMNS, ROWS = 5, 2


def write_picture(path: Path, run: Run, data: Dataset) -> None:
    """Writes a PNG with the training curves of `run` and predictions of test images.

    Args:
        path: The file.
        run: A finished training on images.
        data: What it was trained on; errors are shown first.
    """
    subject = Subject(run.directory, run.config, run.history, run.model, data)
    with style(subject.texts):
        content = png(draw(subject, run.metrics["accuracy"]))
    with replacing(path) as part:
        part.write_bytes(content)


def draw(subject: Subject, accuracy: float) -> Figure:
    """Draws the training curves and predictions of test images, errors first."""
    figure = new_figure(subject.title, f"test accuracy {accuracy:.2%}", 7.2)
    halves = figure.subfigures(2, 1, squeeze=False, height_ratios=(1.2, 1))
    above, below = halves.flat
    curves.draw_panels(above, subject, ("loss", "accuracy"))
    labels, guesses = subject.data.labels, subject.predictions
    x, truth = subject.data.test
    chosen = np.argsort(guesses == truth, kind="stable")[: COLUMNS * ROWS]
    titles = [
        f"says {label(labels[guesses[i]], 9)}\ntrue: {label(labels[truth[i]], 9)}"
        for i in chosen
    ]
    grid = tiles(below, x[chosen], titles, COLUMNS)
    for axes, i in zip(grid.flat, chosen, strict=False):
        axes.title.set_color("black" if guesses[i] == truth[i] else "crimson")
    return figure
