"""Where a translator looks in the source while it writes."""

import numpy as np
from matplotlib.figure import Figure

from custom_layers import Attention
from zoo.reports.drawing import new_figure
from zoo.reports.pictures.attention import watched
from zoo.reports.sequences import mark_steps
from zoo.reports.subject import Subject
from zoo.tasks.translation import NO_TOKEN

TITLE = "Attention to the source while a translation is written"
READING = (
    "A row is a token of the translation and a column one of the source, dark where "
    "the decoder looks as it writes that token; the weights of a row add up to 1; a "
    "transformer shows its last block, the mean of all heads."
)
ORDER = 121
SAMPLES = 3


def draw(subject: Subject) -> Figure | None:
    """Draws the maps of the first test samples, by the attention to the encoder."""
    if subject.task != "translation":
        return None
    layers = [
        layer
        for layer in subject.model._flatten_layers(include_self=False)
        if isinstance(layer, Attention) or layer.name == "cross_attention_layer"
    ]
    vocabulary = subject.data.vocabulary
    if not layers or vocabulary is None:
        return None
    x, y = (array[:SAMPLES] for array in subject.data.test)
    with watched(layers[-1]) as maps:
        subject.model(x, training=False)
    weights = maps[0] if maps[0].ndim == 3 else maps[0].mean(axis=1)
    figure = new_figure(TITLE, subject.title, 2.4 * len(x))
    for axes, row, target, found in zip(
        figure.subplots(len(x), 1, squeeze=False).flat, x, y, weights, strict=True
    ):
        source = vocabulary.decode(row[: len(row) - len(target)])
        written = vocabulary.decode(np.where(target == NO_TOKEN, 0, target))
        axes.imshow(
            found[: len(written), : len(source)], cmap="Blues", vmin=0, aspect="auto"
        )
        mark_steps(axes, source)
        mark_steps(axes, written, vertical=True)
        axes.set_xlabel("source")
        axes.set_ylabel("translation")
    return figure
