"""Decision boundary of a classifier of two features."""

import numpy as np
from matplotlib.figure import Figure

from zoo.reports.subject import Subject

TITLE = "Decision boundary, with the test samples"
ORDER = 40
_STEPS = 200


def draw(subject: Subject) -> Figure | None:
    """Draws the predicted class of each point of the plane."""
    if subject.task != "classification" or subject.data.input_shape != (2,):
        return None
    x, y = subject.data.test
    low, high = x.min(axis=0), x.max(axis=0)
    margin = 0.2 * (high - low)
    first, second = (
        np.linspace(a, b, _STEPS)
        for a, b in zip(low - margin, high + margin, strict=True)
    )
    grid = np.stack(np.meshgrid(first, second), axis=-1).reshape(-1, 2)
    logits = subject.model.predict(grid.astype("float32"), batch_size=4096, verbose=0)
    areas = logits.argmax(axis=-1).reshape(_STEPS, _STEPS)
    figure = Figure(figsize=(6, 5), layout="constrained")
    axes = figure.subplots()
    levels = np.arange(subject.data.num_classes + 1) - 0.5
    colors = [f"C{i % 10}" for i in range(subject.data.num_classes)]
    axes.contourf(first, second, areas, levels=levels, colors=colors, alpha=0.25)
    for place, label in enumerate(subject.data.labels):
        axes.scatter(*x[y == place].T, s=12, color=colors[place], label=label)
    axes.legend()
    return figure
