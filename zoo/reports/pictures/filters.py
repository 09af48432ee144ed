"""Filters of the first layer."""

import keras
import numpy as np
from matplotlib.figure import Figure

from zoo.reports.drawing import SIGNED, new_figure, tiles
from zoo.reports.subject import Subject

TITLE = "Filters of the first layer"
READING = (
    "The weights of each unit, laid out as pixels: red ones answer to bright pixels, "
    "blue ones to dark ones, white ones to none; a dense layer has a weight for each "
    "pixel of the image, a convolution a small filter that it moves over the image, so "
    "that it finds the same pattern everywhere."
)
ORDER = 90
SHOWN = 32


def draw(subject: Subject) -> Figure | None:
    """Draws the first kernel, if its filters have the shape of images."""
    if not subject.has_images:
        return None
    images = filters(subject.model, subject.data.input_shape)
    if images is None:
        return None
    shown = images[:SHOWN]
    about = subject.title
    if len(images) > SHOWN:
        about += f", {SHOWN} of {len(images)}"
    columns = min(8, len(shown))
    figure = new_figure(TITLE, about, 0.6 * -(-len(shown) // columns) + 0.5)
    most = float(np.abs(images).max()) or 1.0
    if shown.shape[-1] == 1:
        grid = tiles(figure, shown, columns=columns, cmap=SIGNED, vmin=-most, vmax=most)
        figure.colorbar(grid[0, 0].images[0], ax=grid, label="weight", shrink=0.9)
    else:
        # Of each colour, a middle grey is zero.
        tiles(figure, 0.5 + shown / (2 * most), columns=columns)
    return figure


def filters(model: keras.Model, shape: tuple[int, ...]) -> np.ndarray | None:
    """Returns the first kernel, of shape `(units, height, width, channels)`.

    Args:
        model: Of pictures.
        shape: Of a sample.
    """
    kernels = [
        np.asarray(layer.kernel)
        for layer in model._flatten_layers()
        if hasattr(layer, "kernel")
    ]
    if not kernels:
        return None
    first = kernels[0]
    if first.ndim == 2 and len(first) == np.prod(shape):
        return first.T.reshape(-1, *shape)
    if first.ndim == 4 and first.shape[2] == shape[-1]:
        return np.moveaxis(first, -1, 0)
    return None
