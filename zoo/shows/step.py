"""One step of a 3-2-1 network, with every number (Rumelhart et al., 1986)."""

from typing import TYPE_CHECKING

import keras
import numpy as np

from custom_layers import Dense
from custom_layers.losses import MeanSquaredError
from custom_layers.optimizers import SGD
from zoo.inference.explanations.interception import numpy
from zoo.reports.drawing import new_figure
from zoo.shows import Shown, register_show

if TYPE_CHECKING:
    from matplotlib.axes import Axes

X, Y, RATE = np.array([[1.0, 0.0, 1.0]], "float32"), np.array([[1.0]], "float32"), 0.9
W1 = np.array([[0.2, -0.3], [0.4, 0.1], [-0.5, 0.2]], "float32")
B1 = np.array([-0.4, 0.2], "float32")
W2 = np.array([[-0.3], [-0.2]], "float32")
B2 = np.array([0.1], "float32")
NAMES: tuple[str, ...] = ("W1", "b1", "W2", "b2")
TITLE = "One step of a 3-2-1 network, with every number"


@register_show(
    "step",
    title=TITLE,
    reading="One sample goes through a network of three inputs, two hidden units and "
    "one output, all sigmoid; on each line stands its weight before and after one "
    "step of gradient descent, in each unit its output and, below it, its delta, the "
    "derivative of half the squared error by what goes into it.",
)
def step() -> Shown:
    r"""Computes a step by the zoo's own layers, loss and optimizer.

    .. math::

        h &= \sigma(x W_1 + b_1), \quad y = \sigma(h W_2 + b_2), \quad
            E = \tfrac{1}{2} (t - y)^2 \\
        \delta_y &= (y - t) \, y (1 - y), \quad
            \delta_h = \delta_y W_2^\top \odot h (1 - h) \\
        W &\leftarrow W - \eta \, a^\top \delta, \quad b \leftarrow b - \eta \, \delta
    """
    inputs = keras.Input((3,))
    hidden = Dense(2, activation="sigmoid")
    output = Dense(1, activation="sigmoid")
    model = keras.Model(inputs, output(hidden(inputs)))
    model.set_weights([W1, B1, W2, B2])
    h = numpy(hidden(X))
    y = numpy(output(h))
    # The mean squared error has no factor of a half.
    model.compile(SGD(RATE / 2), MeanSquaredError(), jit_compile=False)
    model.train_on_batch(X, Y)
    after = dict(zip(NAMES, model.get_weights(), strict=True))
    before = dict(zip(NAMES, (W1, B1, W2, B2), strict=True))
    # A bias changes by the rate times its delta.
    deltas = {k: (before[k] - after[k]) / RATE for k in ("b1", "b2")}
    error, next_error = (
        float(0.5 * (Y - each)[0, 0] ** 2) for each in (y, numpy(model(X)))
    )
    about = f"rate {RATE}, target {Y[0, 0]:g}; error {error:.4f}, then {next_error:.4f}"
    figure = new_figure(TITLE, about, 5.0)
    _draw(figure.subplots(), before, after, h[0], y[0], deltas)
    values = {
        "hidden": h[0].tolist(),
        "output": y[0].tolist(),
        "deltas": {k: each.tolist() for k, each in deltas.items()},
        "before": {k: each.tolist() for k, each in before.items()},
        "after": {k: each.tolist() for k, each in after.items()},
        "error": [error, next_error],
    }
    return Shown(figure, values)


def _draw(
    axes: "Axes",
    before: dict[str, np.ndarray],
    after: dict[str, np.ndarray],
    h: np.ndarray,
    y: np.ndarray,
    deltas: dict[str, np.ndarray],
) -> None:
    """Draws units as circles, and weights on the lines between them."""
    axes.set(xlim=(-0.5, 4.6), ylim=(-0.7, 4.5))
    axes.set_axis_off()
    places = [[(0, 4), (0, 2), (0, 0)], [(2, 3), (2, 1)], [(4, 2)]]
    for layer, name in enumerate(("W1", "W2")):
        for i, start in enumerate(places[layer]):
            for j, end in enumerate(places[layer + 1]):
                axes.plot(*zip(start, end, strict=True), color="grey", zorder=1)
                share = 0.3 if layer == 0 else 0.45
                x, height = (
                    a + share * (b - a) for a, b in zip(start, end, strict=True)
                )
                text = f"{before[name][i, j]:.3f}\n{after[name][i, j]:.3f}"
                box = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
                axes.text(
                    x, height, text, fontsize=8, ha="center", va="center", bbox=box
                )
    units = [(X[0], None), (h, "b1"), (y, "b2")]
    for column, (values, bias) in zip(places, units, strict=True):
        for k, (place, value) in enumerate(zip(column, values, strict=True)):
            axes.scatter(*place, s=2600, color="#dbe7f3", edgecolors="black", zorder=2)
            text = f"{value:.4g}"
            if bias is not None:
                text += f"\nδ {deltas[bias][k]:.4f}"
                said = f"bias {before[bias][k]:.3f}\n{after[bias][k]:.3f}"
                below = (place[0], place[1] - 0.62)
                axes.text(*below, said, fontsize=8, ha="center", va="top")
            axes.text(*place, text, fontsize=8, ha="center", va="center", zorder=3)
