"""Detections in test images, beside the true boxes."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from zoo.datasets.boxes import SHOWN
from zoo.reports.drawing import new_figure, tiles
from zoo.reports.labels import label
from zoo.reports.subject import Subject
from zoo.tasks.detection import detections

TITLE = "Detections in test images"
READING = (
    "Solid boxes are detections, in the colour of their class and with their score; "
    "dashed white ones are the true objects."
)
ORDER = 15
IMAGES, COLUMNS = 12, 4


def draw(subject: Subject) -> Figure | None:
    """Draws the detections in the first test images."""
    if subject.task != "detection" or not subject.has_images:
        return None
    test, labels = subject.data.test, subject.data.labels
    found = np.asarray(detections(subject.outputs[:IMAGES]))
    figure = new_figure(TITLE, subject.title, 1.9 * -(-len(found) // COLUMNS))
    grid = tiles(figure, test.x[: len(found)], (), COLUMNS)
    for axes, detected, truth in zip(grid.flat, found, test.y, strict=False):
        for row in truth[truth[:, 4] >= 0]:
            axes.add_patch(_outline(row, "white", "--"))
        for row in detected[detected[:, 4] >= SHOWN]:
            colour = f"C{int(row[5]) % 10}"
            axes.add_patch(_outline(row, colour, "-"))
            text = f"{label(labels[int(row[5])], 9)} {row[4]:.2f}"
            axes.text(row[0], row[1] - 1, text, color=colour, fontsize=6)
    return figure


def _outline(row: np.ndarray, colour: str, style: str) -> Rectangle:
    """A box of an image; the centre of its first pixel is at (0, 0)."""
    left, top, right, bottom = row[:4] - 0.5
    size = right - left, bottom - top
    return Rectangle(
        (left, top), *size, fill=False, edgecolor=colour, linestyle=style, linewidth=1.2
    )
