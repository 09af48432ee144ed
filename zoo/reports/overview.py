"""A picture of a run: its training curves and a few of its predictions."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from zoo.datasets import Dataset
from zoo.files import replacing
from zoo.runs.run import Run

if TYPE_CHECKING:
    from matplotlib.figure import SubFigure

COLUMNS, ROWS = 6, 2


def write_picture(path: Path, run: Run, data: Dataset) -> None:
    """Writes a PNG with the training curves of `run` and predictions of test images.

    Args:
        path: The file.
        run: A finished training on images.
        data: What it was trained on; errors are shown first.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 6), layout="constrained")
    figure.suptitle(
        f"{run.config['name']} on {data.name}: "
        f"test accuracy {run.metrics['accuracy']:.2%}"
    )
    panels = figure.subfigures(2, 1, squeeze=False, height_ratios=(1, 1.1))
    curves, images = panels.flat
    _draw_curves(curves, run.history)
    _draw_predictions(images, run, data)
    with replacing(path) as part:
        figure.savefig(part, dpi=100)


def _draw_curves(figure: "SubFigure", history: dict[str, list[float]]) -> None:
    for axes, name in zip(figure.subplots(1, 2), ("loss", "accuracy"), strict=True):
        epochs = range(1, len(history[name]) + 1)
        axes.plot(epochs, history[name], label="train")
        axes.plot(epochs, history[f"val_{name}"], label="validation")
        axes.set(xlabel="epoch", ylabel=name)
        axes.legend()


def _draw_predictions(figure: "SubFigure", run: Run, data: Dataset) -> None:
    logits = run.model.predict(data.test.x, batch_size=256, verbose=0)
    predictions = np.argmax(logits, axis=-1)
    wrong_first = np.argsort(predictions == data.test.y, kind="stable")
    chosen = wrong_first[: COLUMNS * ROWS]
    for axes, i in zip(figure.subplots(ROWS, COLUMNS).flat, chosen, strict=False):
        image = data.test.x[i]
        axes.imshow(image.squeeze(), cmap="gray" if image.shape[-1] == 1 else None)
        prediction, truth = data.labels[predictions[i]], data.labels[data.test.y[i]]
        axes.set_title(
            prediction if prediction == truth else f"{prediction} (true: {truth})",
            color="black" if prediction == truth else "crimson",
            fontsize=9,
        )
        axes.set_axis_off()
