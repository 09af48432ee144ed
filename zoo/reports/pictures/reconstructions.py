"""Test images, and what came back from their codes."""

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
    """Draws pairs of images for models that rebuild them."""
    if subject.task not in ("generation", "reconstruction") or not subject.has_images:
        return None
    rebuilt = tasks.get(subject.task).outputs(subject.model)["reconstruction"]
    x, y = (part[:SHOWN] for part in subject.data.test)
    answers = keras.Model(subject.model.input, rebuilt).predict(x, verbose=0)
    return tiles(np.concatenate([y, answers]), columns=len(y))
