"""Test images and their reconstructions."""

import keras
import numpy as np
from matplotlib.figure import Figure

from zoo import tasks
from zoo.reports.drawing import tiles
from zoo.reports.subject import Subject

TITLE = "Test images above, their reconstructions below"
ORDER = 50
SHOWN = 8


def draw(subject: Subject) -> Figure | None:
    """Draws pairs of images for autoencoders."""
    if subject.task not in ("generation", "reconstruction") or not subject.has_images:
        return None
    output = tasks.get(subject.task).outputs(subject.model)["reconstruction"]
    x, y = (part[:SHOWN] for part in subject.data.test)
    reconstructed = keras.Model(subject.model.input, output).predict(x, verbose=0)
    return tiles(np.concatenate([y, reconstructed]), columns=len(y))
