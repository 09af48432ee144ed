"""Drawing that several pictures share."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def tiles(
    images: np.ndarray,
    titles: Sequence[str] | None = None,
    colors: Sequence[str] | None = None,
    columns: int = 8,
) -> Figure:
    """Shows pictures in rows, each grey one from its darkest to its brightest value.

    Args:
        images: Of shape (samples, height, width, channels).
        titles: One above each.
        colors: Of the titles.
        columns: Pictures in a row.
    """
    rows = -(-len(images) // columns)
    figure = Figure(figsize=(1.25 * columns, 1.45 * rows), layout="constrained")
    for i, axes in enumerate(figure.subplots(rows, columns, squeeze=False).flat):
        axes.set_axis_off()
        if i < len(images):
            show(axes, images[i])
            if titles:
                color = colors[i] if colors else "black"
                axes.set_title(titles[i], fontsize=9, color=color)
    return figure


def show(axes: "Axes", image: np.ndarray) -> None:
    """Draws one picture of shape (height, width, channels)."""
    if image.shape[-1] == 1:
        axes.imshow(image[..., 0], cmap="gray")
    else:
        axes.imshow(image / max(1.0, float(image.max())))


def scatter(points: np.ndarray, classes: np.ndarray, labels: Sequence[str]) -> Figure:
    """Draws points of a plane, each class in a colour."""
    figure = Figure(figsize=(7, 6), layout="constrained")
    axes = figure.subplots()
    for place, label in enumerate(labels):
        chosen = points[classes == place]
        axes.scatter(*chosen.T, s=8, alpha=0.7, label=label, color=f"C{place % 10}")
    axes.legend(fontsize=8, markerscale=2)
    return figure


def plane(values: np.ndarray) -> np.ndarray:
    """Projects rows on their two directions of largest variance (PCA)."""
    flat = values.reshape(len(values), -1).astype("float64")
    centred = flat - flat.mean(axis=0)
    _, _, directions = np.linalg.svd(centred, full_matrices=False)
    return centred @ directions[:2].T
