"""A series, what a model forecast, and what came."""

import numpy as np
from matplotlib.figure import Figure

from zoo.reports.drawing import new_figure
from zoo.reports.subject import Subject

TITLE = "Forecasts of the test split"
READING = (
    "Left of the dotted line the last values that the model has read, right of it what "
    "it forecast (dashed) and what came (solid): for the window with the smallest, the "
    "median and the largest mean absolute error."
)
ORDER = 45
_PAST = 3  # horizons that are shown of the window


def draw(subject: Subject) -> Figure | None:
    """Draws the best, the typical and the worst forecast."""
    if subject.task != "forecasting":
        return None
    x, y = subject.data.test
    errors = np.abs(subject.outputs - y).mean(axis=1)
    order = np.argsort(errors, kind="stable")
    chosen = {"best": order[0], "median": order[len(order) // 2], "worst": order[-1]}
    figure = new_figure(TITLE, subject.title, 5.4)
    horizon = y.shape[1]
    panels = figure.subplots(3, 1, sharex=True, sharey=True)
    for axes, (name, i) in zip(panels, chosen.items(), strict=True):
        past = x[i, -_PAST * horizon :, 0]
        axes.plot(np.arange(1 - len(past), 1), past, color="grey", label="series")
        ahead = np.arange(1, horizon + 1)
        axes.plot(ahead, y[i], color="C0", label="what came")
        axes.plot(ahead, subject.outputs[i], "--", color="C3", label="forecast")
        axes.axvline(0.5, color="grey", linestyle=":")
        axes.set_title(f"{name}: mean absolute error {errors[i]:.3g}", fontsize=9)
        axes.set_ylabel("value")
    panels[-1].set_xlabel("steps after the last value that is read")
    handles = panels[0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncols=3)
    return figure
