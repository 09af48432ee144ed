"""A map of words: their vectors, projected on a plane."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from zoo.errors import ArgumentError
from zoo.files import replacing
from zoo.reports.drawing import name_components, new_figure, plane, style
from zoo.reports.labels import label
from zoo.word_vectors import WordVectors

_SHOWN = 120
_SUFFIXES = (".png", ".svg", ".pdf")


def save_map(vectors: WordVectors, path: Path, words: Sequence[str] = ()) -> int:
    """Draws the vectors of words on the two directions in which they vary most.

    Args:
        vectors: Their vectors.
        path: The picture, of a name in `.png`, `.svg` or `.pdf`.
        words: Which ones; the most frequent of more than two letters if none.

    Returns:
        How many are shown.

    Raises:
        ArgumentError: If a word has no vector, there are less than three, or the name
            is that of no picture.
    """
    if path.suffix not in _SUFFIXES:
        raise ArgumentError(f"{path} must end in one of {', '.join(_SUFFIXES)}.")
    frequent = (w for w in vectors.words if len(w) > 2 and w.isalpha())
    chosen = list(words) or [w for w, _ in zip(frequent, range(_SHOWN), strict=False)]
    if len(chosen) < 3:
        raise ArgumentError(f"A map needs three words or more. Received: {chosen}")
    rows = [vectors.row(word) for word in chosen]
    with style(chosen), replacing(path) as part:
        about = f"{len(chosen)} of {len(vectors):,} words"
        figure = draw_map("Map of word vectors", about, chosen, vectors.matrix[rows])
        figure.savefig(part)
    return len(chosen)


def draw_map(
    title: str, about: str, names: Sequence[str], vectors: np.ndarray
) -> Figure:
    """Draws vectors with their names, projected on a plane by PCA.

    Args:
        title: Of the figure.
        about: The line below it.
        names: The most important first; one that would cover another becomes a dot.
        vectors: Of shape `(names, dimension)`.
    """
    points, shares = plane(vectors)
    figure = new_figure(title, about, 5.4)
    axes = figure.subplots()
    axes.scatter(*points.T, s=6, color="lightgrey")
    axes.margins(0.1)
    name_components(axes, shares)
    _place_names(figure, points, names)
    return figure


def _place_names(figure: Figure, points: np.ndarray, names: Sequence[str]) -> None:
    """Writes names at points, the first before the others, where none is covered."""
    axes = figure.axes[0]
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    taken = []
    for (x, y), name in zip(points, names, strict=True):
        text = axes.text(x, y, label(name), fontsize=9, ha="center", va="center")
        box = text.get_window_extent()
        if any(box.overlaps(other) for other in taken):
            text.remove()
        else:
            taken.append(box)
