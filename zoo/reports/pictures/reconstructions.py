"""Test images and their reconstructions."""

import keras
import numpy as np
from matplotlib.figure import Figure

from custom_layers import GaussianNoise
from zoo import tasks
from zoo.reports.drawing import new_figure, tiles
from zoo.reports.subject import Subject

TITLE = "Test images and their reconstructions"
READING = (
    "Each column is an image of the test split, with what the model reads and what it "
    "gives back: the blurrier the last row, the more the code has lost, and the less "
    "noise is left in it, the better a denoising autoencoder works."
)
ORDER = 50
SHOWN = 6


def draw(subject: Subject) -> Figure | None:
    """Draws images and reconstructions, with the noisy input where there is one."""
    if subject.task not in ("generation", "reconstruction") or not subject.has_images:
        return None
    rows = images(subject)
    figure = new_figure(TITLE, subject.title, 1.0 * len(rows))
    pixels = np.concatenate(list(rows.values()))
    columns = len(pixels) // len(rows)
    grid = tiles(figure, pixels, columns=columns, vmin=0, vmax=1)
    for axes, name in zip(grid[:, 0], rows, strict=True):
        axes.set_ylabel(name)
    return figure


def images(subject: Subject) -> dict[str, np.ndarray]:
    """Returns what each row shows, of shape `(samples, height, width, channels)`.

    The noise of a denoising autoencoder is that of its training, drawn anew.
    """
    model = subject.model
    output = tasks.get(subject.task).outputs(model)["reconstruction"]
    x, y = (part[:SHOWN] for part in subject.data.test)
    noise = next((la for la in model.layers if isinstance(la, GaussianNoise)), None)
    if noise is None:
        found = keras.Model(model.input, output).predict(x, verbose=0)
        return {"input": y, "output": found}
    shape = (len(y), *noise.output.shape[1:])
    draws = np.random.default_rng(0).normal(0, noise.stddev, shape)
    noisy = (y.reshape(shape) + draws).astype("float32")
    found = keras.Model(noise.output, output).predict(noisy, verbose=0)
    return {"clean": y, "noisy input": noisy.reshape(y.shape), "output": found}
