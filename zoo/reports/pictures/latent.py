"""Map of the latent space."""

import keras
from matplotlib.figure import Figure

from zoo.reports.drawing import name_components, new_figure, plane, scatter
from zoo.reports.subject import Subject

TITLE = "Codes of test samples"
READING = (
    "Each dot is the code of a test sample, projected on the two directions in which "
    "codes vary most: samples that the model encodes alike lie together, although it "
    "was trained without their classes."
)
ORDER = 80
SHOWN = 2000


def draw(subject: Subject) -> Figure | None:
    """Draws the codes of test samples, projected on a plane by PCA."""
    names = [layer.name for layer in subject.model.layers]
    if "code" not in names:
        return None
    code = subject.model.get_layer("code").output
    encoder = keras.Model(subject.model.input, code)
    x = subject.data.test.x[:SHOWN]
    points, shares = plane(encoder.predict(x, batch_size=256, verbose=0))
    figure = new_figure(TITLE, subject.title, 5.0)
    axes = figure.subplots()
    if subject.classes is None:
        axes.scatter(*points.T, s=12, alpha=0.8)
    else:
        scatter(axes, points, subject.classes[:SHOWN], subject.labels)
    name_components(axes, shares)
    return figure
