"""Map of the latent space."""

import keras
import numpy as np
from matplotlib.figure import Figure

from zoo.reports.drawing import plane, scatter
from zoo.reports.subject import Subject

TITLE = "Codes of test samples, on their first two principal components"
ORDER = 80
SHOWN = 2000


def draw(subject: Subject) -> Figure | None:
    """Draws the codes of test samples, projected on a plane by PCA."""
    names = [layer.name for layer in subject.model.layers]
    if "code" not in names:
        return None
    code = subject.model.get_layer("code").output
    encoder = keras.Model(subject.model.inputs, code)
    x = subject.data.test.x[:SHOWN]
    points = plane(encoder.predict(x, batch_size=256, verbose=0))
    if subject.classes is None:
        return scatter(points, np.zeros(len(points), int), ["test samples"])
    return scatter(points, subject.classes[:SHOWN], subject.labels)
