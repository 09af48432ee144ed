"""Test images, and what came back from their codes."""

import numpy as np
from matplotlib.figure import Figure

from zoo.reports.drawing import tiles
from zoo.reports.subject import Subject

TITLE = "Test images above, their reconstructions below"
SHOWN = 8


def draw(subject: Subject) -> Figure | None:
    """Draws pairs of images for models that rebuild them."""
    if subject.outputs.shape != subject.data.test.y.shape or not subject.has_images:
        return None
    pairs = [subject.data.test.y[:SHOWN], subject.outputs[:SHOWN]]
    return tiles(np.concatenate(pairs), columns=min(SHOWN, len(pairs[0])))
