"""Map of the embedding space."""

import numpy as np
from matplotlib.figure import Figure

from custom_layers import Embedding
from zoo.reports.drawing import plane
from zoo.reports.subject import Subject

TITLE = (
    "Embeddings of the most frequent tokens, on their first two principal components"
)
ORDER = 100
SHOWN = 100


def draw(subject: Subject) -> Figure | None:
    """Draws the first embedding of the model, projected on a plane by PCA."""
    tables = [
        np.asarray(layer.embeddings)
        for layer in subject.model.layers
        if isinstance(layer, Embedding)
    ]
    if not tables or subject.data.vocabulary is None:
        return None
    tokens = subject.data.vocabulary.tokens[2 : 2 + SHOWN]
    points = plane(tables[0][2 : 2 + len(tokens)])
    figure = Figure(figsize=(9, 8), layout="constrained")
    axes = figure.subplots()
    axes.scatter(*points.T, s=0)
    for token, (x, y) in zip(tokens, points, strict=True):
        # A dollar sign would begin a formula.
        shown = repr(token)[1:-1].replace("$", r"\$")
        axes.text(x, y, shown, fontsize=8, ha="center", va="center")
    return figure
