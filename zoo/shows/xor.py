"""Decision boundaries of XOR by depth (Minsky and Papert, 1969)."""

import keras
import numpy as np

from custom_layers import Dense
from custom_layers.losses import SparseCategoricalCrossentropy
from custom_layers.optimizers import Adam
from zoo.reports.drawing import new_figure
from zoo.reports.pictures.boundary import bounds
from zoo.shows import Shown, register_show
from zoo.shows.learning import learn

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], "float32")
Y = np.array([0, 1, 1, 0])
DEPTHS = (0, 1, 2, 3)
UNITS, STEPS, GRID = 8, 300, 60
LEVELS = np.linspace(0, 1, 20)  # of which none is one half
TITLE = "Decision boundaries of XOR, by depth"


@register_show(
    "xor",
    title=TITLE,
    reading="The colour of the plane is the probability of class 1 that each network "
    "learned from the four points, the line is one half: without a hidden layer it "
    "would be straight and cannot part them, so that all is one half, a loss of ln 2; "
    "one hidden layer suffices, and more layers bend it more.",
)
def xor() -> Shown:
    """Trains networks of 0 to 3 hidden layers, and draws their probabilities."""
    keras.utils.set_random_seed(0)
    figure = new_figure(TITLE, f"{UNITS} tanh units a layer, {STEPS} steps", 5.4)
    grid = figure.subplots(2, 2, sharex=True, sharey=True)
    ways = bounds(X, GRID, margin=0.4)
    plane = np.stack(np.meshgrid(*ways), axis=-1).reshape(-1, 2).astype("float32")
    losses = {}
    for axes, depth in zip(grid.flat, DEPTHS, strict=True):
        model = network(depth)
        options = {"optimizer": Adam(0.05), "steps": STEPS, "batch_size": 4}
        loss = SparseCategoricalCrossentropy(from_logits=True)
        learn(model, X, Y, loss=loss, **options)
        losses[str(depth)] = float(loss(Y, model(X)))
        shares = np.asarray(keras.ops.softmax(model(plane)))[:, 1]
        surface = shares.reshape(GRID, GRID)
        axes.contourf(*ways, surface, LEVELS, cmap="RdBu_r", alpha=0.7)
        if np.ptp(surface) > 1e-3:  # else all of it is one half, but for rounding
            axes.contour(*ways, surface, [0.5], colors="black")
        for k in (0, 1):
            axes.scatter(*X[k == Y].T, s=60, color=("C0", "C3")[k], edgecolors="black")
        layers = "hidden layer" if depth == 1 else "hidden layers"
        axes.set_title(f"{depth} {layers}: loss {losses[str(depth)]:.3f}", fontsize=9)
    bands = grid[0, 0].collections[0]
    ticks = np.linspace(0, 1, 6)
    figure.colorbar(bands, ax=grid, ticks=ticks, label="probability of class 1")
    return Shown(figure, {"loss": losses})


def network(depth: int) -> keras.Model:
    """Returns a network with so many hidden layers: two features to logits."""
    inputs = x = keras.Input((2,))
    for _ in range(depth):
        x = Dense(UNITS, activation="tanh")(x)
    return keras.Model(inputs, Dense(2)(x))
