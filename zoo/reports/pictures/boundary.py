"""Decision boundary of a classifier of two features."""

import numpy as np
from matplotlib.figure import Figure

from zoo.datasets.separability import is_separable
from zoo.reports.drawing import new_figure, scatter
from zoo.reports.labels import label
from zoo.reports.subject import Subject

TITLE = "Decision boundary"
READING = (
    "The colour of each point of the plane is the class that the model predicts there, "
    "the dots are test samples in the colour of their true class, and black rings mark "
    "those that it gets wrong."
)
ORDER = 40
_STEPS = 200


def draw(subject: Subject) -> Figure | None:
    """Draws the predicted class of each point of the plane.

    A picture without a boundary says why there is none.
    """
    if subject.task != "classification" or subject.data.input_shape != (2,):
        return None
    data = subject.data
    x, y = data.test
    ways = bounds(x, _STEPS)
    grid = np.stack(np.meshgrid(*ways), axis=-1).reshape(-1, 2)
    logits = subject.model.predict(grid.astype("float32"), batch_size=4096, verbose=0)
    logits = logits.reshape(_STEPS, _STEPS, -1)
    areas = logits.argmax(axis=-1)
    about = subject.title
    x_train, y_train = data.train
    has_line = data.num_classes > 2 or is_separable(x_train, y_train == 1)
    if is_affine(logits) and not has_line:
        about += "\nthe model can only draw a line, and no line separates these classes"
    figure = new_figure(TITLE, about, 5.0)
    axes = figure.subplots()
    scatter(axes, x, y, data.labels)
    if areas.min() < areas.max():
        levels = np.arange(data.num_classes + 1) - 0.5
        colors = [f"C{i % 10}" for i in range(data.num_classes)]
        axes.contourf(*ways, areas, levels=levels, colors=colors, alpha=0.25)
    else:
        text = f"no boundary: {label(data.labels[areas[0, 0]])} is predicted everywhere"
        axes.set_title(text)
    wrong = x[subject.predictions != y]
    axes.scatter(*wrong.T, s=120, facecolors="none", edgecolors="black")
    limits = {"xlim": ways[0][[0, -1]], "ylim": ways[1][[0, -1]]}
    axes.set(xlabel="feature 1", ylabel="feature 2", **limits)
    return figure


def bounds(x: np.ndarray, steps: int, margin: float = 0.2) -> list[np.ndarray]:
    """Returns evenly spaced values of each feature, a little beyond the samples.

    Args:
        x: The samples, of shape `(samples, features)`.
        steps: Values of each feature.
        margin: How far beyond, as a fraction of the range of the samples.
    """
    low, high = x.min(axis=0), x.max(axis=0)
    beyond = margin * (high - low)
    return [
        np.linspace(start, stop, steps)
        for start, stop in zip(low - beyond, high + beyond, strict=True)
    ]


def is_affine(logits: np.ndarray) -> bool:
    """Whether values on a grid, of shape `(steps, steps, classes)`, lie on planes.

    >>> steps = np.arange(4.0)
    >>> slope = np.add.outer(steps, 2 * steps)[..., np.newaxis]
    >>> is_affine(slope), is_affine(slope**2)
    (True, False)
    """
    size = max(1e-6, float(np.abs(logits).max()))
    bends = (np.diff(logits, 2, axis=0), np.diff(logits, 2, axis=1))
    return all(np.abs(bend).max() < 1e-5 * size for bend in bends)
