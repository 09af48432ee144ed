"""Filters of the first layer."""

import numpy as np
from matplotlib.figure import Figure

from zoo.reports.drawing import tiles
from zoo.reports.subject import Subject

TITLE = "Filters of the first layer, one for each unit"
ORDER = 90
SHOWN = 32


def draw(subject: Subject) -> Figure | None:
    """Draws the first kernel, if its filters have the shape of images."""
    if not subject.has_images:
        return None
    kernels = [
        np.asarray(layer.kernel)
        for layer in subject.model.layers
        if hasattr(layer, "kernel")
    ]
    if not kernels:
        return None
    first, shape = kernels[0], subject.data.input_shape
    if first.ndim == 2 and len(first) == np.prod(shape):
        images = first.T.reshape(-1, *shape)
    elif first.ndim == 4 and first.shape[2] == shape[-1]:
        images = np.moveaxis(first, -1, 0)
    else:
        return None
    low, high = images.min(), images.max()
    return tiles((images[:SHOWN] - low) / (high - low or 1.0))
