"""The line of a perceptron, epoch by epoch."""

from typing import TYPE_CHECKING

import keras
import numpy as np
from matplotlib.figure import Figure

from zoo.datasets.separability import is_separable
from zoo.reports.drawing import name_classes, new_figure
from zoo.reports.pictures.boundary import bounds
from zoo.reports.subject import Subject
from zoo.runs.order import permutation

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TITLE = "The line of the perceptron after each epoch"
READING = (
    "Each mistake moves the line towards the sample that was on its wrong side: the "
    "line comes to rest where one separates the classes, and never where none does; "
    "black rings mark the training samples that are still wrong."
)
ORDER = 35
COLUMNS, ROWS = 3, 3


def draw(subject: Subject) -> Figure | None:
    """Draws the first epochs and the last one; of two features and two classes.

    Weights of past epochs are not kept, so Rosenblatt's rule is repeated; nothing is
    drawn where that does not lead to the weights of the run.
    """
    recipe, data = subject.config["recipe"], subject.data
    rule = recipe.get("optimizer", [""])[0]
    is_rule = rule == "PerceptronRule" and recipe.get("batch_size") == 1
    if not is_rule or data.input_shape != (2,) or data.num_classes != 2:
        return None
    x, y = data.train
    signs = np.where(y == 1, 1.0, -1.0)
    weights = replay(x, signs, len(subject.history.get("loss", ())), recipe)
    if not any(_is_of(subject.model, w) for w in weights):
        return None
    about = subject.title
    if not is_separable(x, y == 1):
        about += "\nno line separates these classes, so it never comes to rest"
    figure = new_figure(TITLE, about, 5.6)
    grid = figure.subplots(ROWS, COLUMNS, sharex=True, sharey=True)
    epochs = range(1, len(weights) + 1)
    shown = [*epochs[: COLUMNS * ROWS - 1], *epochs[COLUMNS * ROWS - 1 :][-1:]]
    ways = bounds(x, 2, margin=0.5)
    for axes, epoch in zip(grid.flat, shown, strict=False):
        w = weights[epoch - 1]
        wrong = signs * (x @ w[:2] + w[2]) <= 0
        for k in range(2):
            axes.scatter(*x[y == k].T, s=20, color=f"C{k}")
        axes.scatter(*x[wrong].T, s=70, facecolors="none", edgecolors="black")
        axes.set_title(f"epoch {epoch}: {wrong.sum()} wrong", fontsize=9)
        axes.set(xlim=ways[0][[0, -1]], ylim=ways[1][[0, -1]])
        _draw_line(axes, w, ways)
    for axes in list(grid.flat)[len(shown) :]:
        axes.set_axis_off()
    grid[-1, COLUMNS // 2].set_xlabel("feature 1")
    grid[ROWS // 2, 0].set_ylabel("feature 2")
    name_classes(figure.axes[0], data.labels)
    return figure


def replay(
    x: np.ndarray, signs: np.ndarray, epochs: int, recipe: dict
) -> list[np.ndarray]:
    r"""Returns the weights and the bias after each epoch of Rosenblatt's rule.

    .. math::

        w \leftarrow w + \eta \, y_i \, (x_i, 1)
        \quad \text{where} \quad y_i \, w \cdot (x_i, 1) \le 0

    Args:
        x: Of shape `(samples, features)`.
        signs: 1 or -1 for each sample.
        epochs: Passes over the samples, each in the order of the training.
        recipe: With the seed and the learning rate.

    Example:

    >>> recipe = {"seed": 0, "optimizer": ["PerceptronRule", {"learning_rate": 1.0}]}
    >>> replay(np.array([[2.0], [-2.0]]), np.array([1, -1]), 1, recipe)[0].tolist()
    [2.0, 1.0]
    """
    rate = recipe["optimizer"][1].get("learning_rate", 1.0)
    points = np.concatenate([x, np.ones((len(x), 1))], axis=1)
    w, weights = np.zeros(points.shape[1]), []
    for epoch in range(epochs):
        for i in permutation(recipe["seed"], epoch, len(x)):
            if signs[i] * (w @ points[i]) <= 0:
                w = w + rate * signs[i] * points[i]
        weights.append(w)
    return weights


def _is_of(model: keras.Model, w: np.ndarray) -> bool:
    """Whether a model is the perceptron of these weights."""
    found = [np.asarray(part) for part in model.get_weights()]
    if [part.shape for part in found] != [(2, 2), (2,)]:
        return False
    return np.allclose([*found[0][:, 1], found[1][1]], w, atol=1e-4)


def _draw_line(axes: "Axes", w: np.ndarray, ways: list[np.ndarray]) -> None:
    corners = np.stack(np.meshgrid(*ways), axis=-1)
    scores = corners @ w[:2] + w[2]
    most = np.abs(scores).max() + 1
    options = {"levels": [-most, 0, most], "colors": ["C0", "C1"], "alpha": 0.25}
    axes.contourf(*ways, scores, **options)
    if not w[:2].any():
        text = "no line:\nthe weights are 0"
        axes.text(0.5, 0.5, text, ha="center", va="center", transform=axes.transAxes)
        return
    # Through the point of the line that is nearest to the origin.
    foot = -w[2] * w[:2] / (w[:2] @ w[:2])
    axes.axline(foot, foot + (-w[1], w[0]), color="black")
