"""What the pictures share: their style, and axes with images, points or sequences."""

import contextlib
import io
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure, FigureBase
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

from zoo.reports.labels import families, label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH = 6.0  # inches: a page may shrink it to 400 pixels, and text is still read
SIGNED = "RdBu_r"  # white at zero, red above, blue below
_STYLE: dict[Any, Any] = {
    "font.size": 10,
    "axes.titlesize": 10,
    "figure.titlesize": 12,
    "legend.fontsize": 9,
    "legend.framealpha": 0.8,
    "image.interpolation": "nearest",
    "savefig.dpi": 150,
    "text.parse_math": False,  # a dollar sign in a name begins no formula
}


def style(texts: Iterable[str] = ()) -> contextlib.AbstractContextManager:
    """Returns the context that pictures are drawn and saved in.

    Args:
        texts: What they will show besides ASCII, for the choice of fonts.
    """
    fonts: dict[Any, Any] = {"font.family": families(texts)}
    return matplotlib.rc_context(_STYLE | fonts)


def png(figure: Figure) -> bytes:
    """Returns the PNG of a figure."""
    content = io.BytesIO()
    figure.savefig(content, format="png")
    return content.getvalue()


def new_figure(title: str, about: str, height: float) -> Figure:
    """Returns an empty figure with a title.

    Args:
        title: What it shows.
        about: Of which model, on which data.
        height: In inches, without the title.
    """
    figure = Figure(figsize=(WIDTH, height + 0.6), layout="constrained")
    figure.suptitle(f"{title}\n{about}")
    return figure


def tiles(
    figure: FigureBase,
    images: np.ndarray,
    titles: Sequence[str] = (),
    columns: int = 8,
    **options: Any,
) -> np.ndarray:
    """Shows images in rows.

    Args:
        figure: Where.
        images: Of shape `(samples, height, width, channels)`.
        titles: One above each, if any.
        columns: Images in a row.
        options: Of `imshow`, for grey images.

    Returns:
        The axes, of shape `(rows, columns)`.
    """
    rows = -(-len(images) // columns)
    grid = figure.subplots(rows, columns, squeeze=False)
    for i, axes in enumerate(grid.flat):
        axes.set(xticks=[], yticks=[])
        if i >= len(images):
            axes.set_axis_off()
            continue
        show(axes, images[i], **options)
        if titles:
            axes.set_title(titles[i], fontsize=9)
    return grid


def show(axes: "Axes", image: np.ndarray, **options: Any) -> None:
    """Draws one image of shape `(height, width, channels)`."""
    if image.shape[-1] == 1:
        colors: dict[str, Any] = {"cmap": "gray"} | options
        axes.imshow(image[..., 0], **colors)
    else:
        axes.imshow(image / max(1.0, float(image.max())))


def scatter(
    axes: "Axes", points: np.ndarray, classes: np.ndarray, labels: Sequence[str]
) -> None:
    """Draws points of a plane, each class in a colour that a legend below names.

    Args:
        axes: Where.
        points: Of shape `(points, 2)`.
        classes: Class id of each.
        labels: Names of the classes.
    """
    size = 14 if len(points) > 50 else 50
    for k in range(len(labels)):
        axes.scatter(*points[classes == k].T, s=size, alpha=0.8, color=f"C{k % 10}")
    name_classes(axes, labels)


def name_classes(axes: "Axes", labels: Sequence[str]) -> None:
    """Puts a legend below axes whose first collections are those of the classes."""
    # Given by hand, because a name that begins with an underscore would be left out.
    axes.figure.legend(
        axes.collections[: len(labels)],
        [label(name, 14) for name in labels],
        loc="outside lower center",
        ncols=min(len(labels), 10 if max(map(len, labels)) < 3 else 3),
        handletextpad=0.2,
        columnspacing=1.0,
    )


def whole_epochs(axes: "Axes", epochs: int) -> None:
    """Marks only whole epochs on the x axis, from 1."""
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    margin = min(0.9, 0.5 + 0.01 * epochs)
    axes.set_xlim(1 - margin, epochs + margin)


def logarithmic(axes: "Axes") -> None:
    """Makes the y axis logarithmic, its numbers as `1e-06`: no text is a formula."""
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())


def plane(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Projects rows on their two directions of largest variance (PCA).

    Returns:
        The points, of shape `(rows, 2)`, and the fraction of the variance along each
        axis; zeros where the rows vary in one direction only.
    """
    flat = values.reshape(len(values), -1).astype("float64")
    centred = flat - flat.mean(axis=0)
    _, lengths, directions = np.linalg.svd(centred, full_matrices=False)
    points = np.zeros((len(values), 2))
    found = centred @ directions[:2].T
    points[:, : found.shape[1]] = found
    shares = np.zeros(2)
    shares[: found.shape[1]] = (lengths**2 / max((lengths**2).sum(), 1e-12))[:2]
    return points, shares


def name_components(axes: "Axes", shares: np.ndarray) -> None:
    """Names the axes of a projection by `plane`."""
    axes.set(
        xlabel=f"first principal component ({shares[0]:.0%} of the variance)",
        ylabel=f"second principal component ({shares[1]:.0%})",
    )
