"""Samples of a generative model."""

import numpy as np
from matplotlib.figure import Figure

from zoo.inference.autoencoders import decoder
from zoo.reports.drawing import tiles
from zoo.reports.subject import Subject

TITLE = "Samples: decoded codes drawn from the prior N(0, 1)"
ORDER = 60
SHOWN = 32


def draw(subject: Subject) -> Figure | None:
    """Decodes random codes of a variational autoencoder."""
    if subject.task != "generation" or not subject.has_images:
        return None
    part = decoder(subject.model)
    codes = np.random.default_rng(0).standard_normal((SHOWN, *part.input_shape[1:]))
    return tiles(part.predict(codes.astype("float32"), verbose=0)["reconstruction"])
