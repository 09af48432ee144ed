"""Samples of a generative model."""

import numpy as np
from matplotlib.figure import Figure

from zoo.inference.generators import generator
from zoo.inference.squares import standard_normal
from zoo.reports.drawing import new_figure, tiles
from zoo.reports.labels import label
from zoo.reports.subject import Subject

TITLE = "Samples: generated from codes drawn from N(0, 1)"
READING = (
    "Images that the model makes up, each from a code drawn at random from the prior: "
    "they should look like the data, and differ from each other; a conditional model "
    "shows its classes in turn."
)
ORDER = 60
SHOWN = 32


def draw(subject: Subject) -> Figure | None:
    """Generates samples of random codes."""
    if subject.task not in ("adversarial", "generation") or not subject.has_images:
        return None
    part = generator(subject.model)
    latents = part.input["code"].shape[-1]
    given = {"code": standard_normal(np.arange(SHOWN), latents)}
    titles, columns = [], 8
    if "class_id" in part.input:
        columns = min(len(subject.labels), 10)
        given["class_id"] = np.arange(SHOWN) % len(subject.labels)
        titles = [label(subject.labels[i], 8) for i in given["class_id"]]
    images = part.predict(given, verbose=0)["sample"]
    figure = new_figure(TITLE, subject.title, 0.8 * -(-SHOWN // columns))
    tiles(figure, images, titles, columns, vmin=0, vmax=1)
    return figure
