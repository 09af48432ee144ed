"""Training and validation metrics over the epochs."""

from collections.abc import Iterable, Sequence

import numpy as np
from matplotlib.figure import Figure, FigureBase

from zoo.reports.drawing import new_figure, whole_epochs
from zoo.reports.labels import label
from zoo.reports.subject import Subject

TITLE = "Training curves"
READING = (
    "Each metric after each epoch, solid on the training split (while the weights "
    "still change, and with dropout) and dashed on the validation split: the shaded "
    "gap between them is what does not carry over to new samples, and one that grows "
    "is overfitting; the dotted line marks the epoch whose weights were kept."
)
ORDER = 10


def draw(subject: Subject) -> Figure | None:
    """Draws a panel for each metric with validation values."""
    names = distinct(subject.history)
    if not names:  # an ensemble's are those of its members
        return None
    figure = new_figure(TITLE, subject.title, 2.3 * len(names))
    draw_panels(figure, subject, names)
    return figure


def draw_panels(figure: FigureBase, subject: Subject, names: Sequence[str]) -> None:
    """Draws the panels of some metrics, one below the other.

    Args:
        figure: Where.
        subject: The run.
        names: Metrics of the training split.
    """
    history = subject.history
    panels = figure.subplots(len(names), 1, sharex=True, squeeze=False)[:, 0]
    for axes, name in zip(panels, names, strict=True):
        train, validation = history[name], history[f"val_{name}"]
        epochs = range(1, len(train) + 1)
        marker = "o" if len(train) < 15 else ""
        options = {"marker": marker, "markersize": 4}
        axes.plot(epochs, train, label="training", **options)
        axes.plot(epochs, validation, "--", label="validation", **options)
        axes.fill_between(epochs, train, validation, color="grey", alpha=0.2, lw=0)
        axes.set_ylabel(label(name))
        whole_epochs(axes, len(train))
        axes.legend()
        if subject.kept is not None:
            gap = validation[subject.kept - 1] - train[subject.kept - 1]
            side = f"{abs(gap):.2g} {'above' if gap > 0 else 'below'}"
            text = f"validation {side if gap else 'equals'} training"
            text += f" at epoch {subject.kept}"
            axes.axvline(subject.kept, color="grey", linestyle=":")
            axes.set_title(text, loc="right", fontsize=9)
    panels[-1].set_xlabel("epoch")


def distinct(history: dict[str, list[float]]) -> list[str]:
    """The metrics with validation values, without those that repeat another one.

    >>> distinct({"loss": [0.2], "val_loss": [0.3], "mse": [0.2], "val_mse": [0.3]})
    ['loss']
    """
    found: list[str] = []
    for name in history:
        if f"val_{name}" not in history:
            continue
        # A loss and the metric of its name are averaged in another order.
        if not any(np.allclose(history[name], history[k], 1e-3) for k in found):
            found.append(name)
    return found


def align(figures: Iterable[Figure]) -> None:
    """Gives panels of the same metric the same range, to lay figures side by side."""
    panels = [axes for figure in figures for axes in figure.axes]
    for name in {axes.get_ylabel() for axes in panels}:
        same = [axes for axes in panels if axes.get_ylabel() == name]
        lows, highs = zip(*(axes.get_ylim() for axes in same), strict=True)
        for axes in same:
            axes.set_ylim(min(lows), max(highs))
