"""Interpolation in the latent space."""

import numpy as np
from matplotlib.figure import Figure

from zoo.inference.autoencoders import decoder, encoder
from zoo.reports.drawing import new_figure, tiles
from zoo.reports.subject import Subject

TITLE = "Interpolations between the codes of two test images"
READING = (
    "Each row decodes points on the line between the codes of two test images, from "
    "the first (0) to the second (1): where codes are well ordered, what lies between "
    "looks like an image, too."
)
ORDER = 70
WALKS = 4
STEPS = 8


def draw(subject: Subject) -> Figure | None:
    """Decodes points on the line between the codes of two test images."""
    if subject.task not in ("generation", "reconstruction") or not subject.has_images:
        return None
    ends = subject.data.test.x[: 2 * WALKS]
    codes = encoder(subject.model).predict(ends, verbose=0)["code"]
    way = np.linspace(0, 1, STEPS, dtype="float32")[:, np.newaxis]
    pairs = zip(codes[::2], codes[1::2], strict=False)
    line = np.concatenate([(1 - way) * start + way * end for start, end in pairs])
    images = decoder(subject.model).predict(line, verbose=0)["reconstruction"]
    figure = new_figure(TITLE, subject.title, 0.8 * len(line) / STEPS + 0.4)
    grid = tiles(figure, images, columns=STEPS, vmin=0, vmax=1)
    for axes, share in zip(grid[-1], way[:, 0], strict=True):
        axes.set_xlabel(f"{share:.2g}")
    figure.supxlabel("fraction of the way from the first code to the second")
    return figure
