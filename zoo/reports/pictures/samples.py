"""Samples of a generative model."""

import numpy as np
from matplotlib.figure import Figure

from zoo.inference.autoencoders import decoder
from zoo.reports.drawing import new_figure, tiles
from zoo.reports.subject import Subject

TITLE = "Samples: decoded codes drawn from N(0, 1)"
READING = (
    "Images that the model makes up, each decoded from a code drawn at random from the "
    "prior: they should look like the data, and differ from each other."
)
ORDER = 60
SHOWN = 32


def draw(subject: Subject) -> Figure | None:
    """Decodes random codes of a variational autoencoder."""
    if subject.task != "generation" or not subject.has_images:
        return None
    part = decoder(subject.model)
    codes = np.random.default_rng(0).standard_normal((SHOWN, *part.input_shape[1:]))
    images = part.predict(codes.astype("float32"), verbose=0)["reconstruction"]
    figure = new_figure(TITLE, subject.title, 3.2)
    tiles(figure, images, vmin=0, vmax=1)
    return figure
