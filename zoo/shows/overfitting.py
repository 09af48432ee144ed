"""Over-fitting with and without each regularizer."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from custom_layers import Dense, Dropout, GaussianNoise
from custom_layers.callbacks import EarlyStopping
from custom_layers.losses import MeanSquaredError
from custom_layers.optimizers import Adam
from custom_layers.regularizers import L1, L2
from zoo.reports.drawing import new_figure
from zoo.shows import Shown, register_show

UNITS, EPOCHS, STEPS = 64, 30, 40  # updates of an epoch
NOISE = 0.25
TITLE = "Over-fitting, and what each regularizer does about it"


def _network(penalty: Any = None, between: Callable[[], Any] | None = None) -> Any:
    def build() -> keras.Model:
        inputs = x = keras.Input((1,))
        for _ in range(2):
            x = Dense(UNITS, activation="relu", kernel_regularizer=penalty)(x)
            x = between()(x) if between else x
        return keras.Model(inputs, Dense(1)(x))

    return build


VARIANTS: dict[str, Callable[[], keras.Model]] = {
    "none": _network(),
    "L2": _network(penalty=L2(0.003)),
    "L1": _network(penalty=L1(0.001)),
    "dropout": _network(between=lambda: Dropout(0.2, seed=0)),
    "noise": _network(between=lambda: GaussianNoise(0.3, seed=0)),
    "early stopping": _network(),
}


@register_show(
    "overfitting",
    title=TITLE,
    reading="One network learns fifteen noisy points of a sine wave, in each panel "
    "with another regularizer: without any it runs through the noise of every point, "
    "so that its error on the training points is smallest and that on other ones is "
    "not; the others give up some of the first for the second.",
)
def overfitting() -> Shown:
    """Fits the points with each regularizer, and draws the curves."""
    x, y = points(15, seed=1)
    held_out = points(15, seed=2)
    test = np.linspace(-3, 3, 200, dtype="float32")[:, np.newaxis]
    truth = np.sin(1.5 * test)
    figure = new_figure(TITLE, f"{len(x)} points, 2 x {UNITS} units", 6.4)
    grid = figure.subplots(3, 2, sharex=True, sharey=True)
    errors = {}
    for axes, (name, build) in zip(grid.flat, VARIANTS.items(), strict=True):
        keras.utils.set_random_seed(0)
        model = build()
        fit(model, x, y, held_out if name == "early stopping" else None)
        curve, fitted = (np.asarray(model(each)) for each in (test, x))
        errors[name] = {
            "training": float(np.mean((fitted - y) ** 2)),
            "test": float(np.mean((curve - truth) ** 2)),
        }
        axes.plot(test, truth, color="grey", linewidth=0.8, label="truth")
        axes.plot(test, curve, color="C3", label="network")
        axes.plot(x, y, "k.", label="training points")
        axes.set(ylim=(-2, 2))
        said = ", ".join(f"{kind} {error:.3f}" for kind, error in errors[name].items())
        axes.set_title(f"{name}\nerror: {said}", fontsize=9)
    handles = grid[0, 0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncols=3)
    return Shown(figure, {"errors": errors})


def points(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draws noisy points of a sine wave, columns of x and of y."""
    generator = np.random.default_rng(seed)
    x = np.sort(generator.uniform(-3, 3, (count, 1)), axis=0)
    y = np.sin(1.5 * x) + generator.normal(0, NOISE, x.shape)
    return x.astype("float32"), y.astype("float32")


def fit(model: keras.Model, x: np.ndarray, y: np.ndarray, held_out: Any) -> None:
    """Trains on all points at each step; held-out ones, if any, say when to stop."""
    model.compile(Adam(0.005), MeanSquaredError(), jit_compile=False)
    stop = EarlyStopping(patience=5, restore_best_weights=True)
    model.fit(
        np.tile(x, (STEPS, 1)),
        np.tile(y, (STEPS, 1)),
        batch_size=len(x),
        epochs=EPOCHS,
        shuffle=False,
        validation_data=held_out,
        callbacks=[stop] if held_out else [],
        verbose=0,  # pyright: ignore
    )
