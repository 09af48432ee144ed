"""Optimizers on one surface."""

import keras
import numpy as np
from keras import ops

from custom_layers.optimizers import SGD, Adagrad, Adam, RMSprop
from zoo.reports.drawing import logarithmic, new_figure
from zoo.shows import Shown, register_show

CURVATURE = np.array([1.0, 25.0], "float32")
START = np.array([-9.0, 2.0], "float32")
STEPS = 100
CLOSE = 0.01  # of the loss
# Rates that suit each on this surface; that of SGD is near the largest that converges.
RACERS = {
    "SGD": lambda: SGD(0.07),
    "momentum": lambda: SGD(0.03, momentum=0.8),
    "Nesterov": lambda: SGD(0.03, momentum=0.8, nesterov=True),
    "Adagrad": lambda: Adagrad(2.0),
    "RMSprop": lambda: RMSprop(0.2),
    "Adam": lambda: Adam(0.5),
}
TITLE = "Optimizers on one surface"


@register_show(
    "optimizers",
    title=TITLE,
    reading="A narrow valley from above, and the way of each optimizer from one "
    "start, with the loss at each step below: plain gradient descent jumps from wall "
    "to wall and creeps along the floor, momentum gathers speed there, and the "
    "adaptive ones take steps as large in each direction.",
)
def optimizers() -> Shown:
    r"""Follows each optimizer down one quadratic valley.

    .. math::

        f(w) = \tfrac{1}{2} (w_1^2 + 25 w_2^2)
    """
    paths = {name: path(make()) for name, make in RACERS.items()}
    losses = {name: value(found) for name, found in paths.items()}
    figure = new_figure(TITLE, "f(w) = (w1² + 25 w2²) / 2", 6.4)
    above, below = figure.subplots(2, 1, height_ratios=(3, 2))
    ways = np.linspace(-10, 4, 141), np.linspace(-3, 3, 121)
    surface = value(np.stack(np.meshgrid(*ways), axis=-1))
    above.contour(*ways, surface, np.geomspace(0.05, 150, 14), cmap="Greys")
    for name, found in paths.items():
        above.plot(*found.T, marker=".", markersize=3, linewidth=1, label=name)
        below.plot(np.maximum(losses[name], 1e-9), linewidth=1)
    logarithmic(below)
    above.plot(0, 0, marker="*", color="black", markersize=10)
    above.set(xlim=(-10, 4), ylim=(-3, 3), xlabel="w1", ylabel="w2")
    below.set(xlabel="step", ylabel="loss", xlim=(0, STEPS), ylim=(1e-7, 200))
    below.axhline(CLOSE, color="grey", linewidth=0.8, linestyle=":")
    handles = above.get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncols=3)
    return Shown(
        figure,
        {
            "steps_to_close": {name: _reached(each) for name, each in losses.items()},
            "last_loss": {name: float(each[-1]) for name, each in losses.items()},
            "paths": {name: found.tolist() for name, found in paths.items()},
        },
    )


def value(w: np.ndarray) -> np.ndarray:
    """Returns the loss at points, of shape `(..., 2)`."""
    return 0.5 * (CURVATURE * np.square(w)).sum(axis=-1)


def path(optimizer: keras.optimizers.Optimizer) -> np.ndarray:
    """Returns where an optimizer is after each step, of shape `(steps + 1, 2)`."""
    w = keras.Variable(START)
    optimizer.build([w])
    places = [START]
    for _ in range(STEPS):
        optimizer.apply([ops.convert_to_tensor(CURVATURE) * w.value], [w])
        places.append(np.array(ops.convert_to_numpy(w.value)))
    return np.stack(places)


def _reached(losses: np.ndarray) -> int | None:
    """The step from which on the loss stays close to the minimum."""
    far = np.flatnonzero(losses > CLOSE)
    return None if far[-1] == STEPS else int(far[-1]) + 1
