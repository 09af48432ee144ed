"""Attention maps over a sample sequence."""

import contextlib
import inspect
from collections.abc import Iterator

import keras
import numpy as np
from keras import ops
from matplotlib.figure import Figure

from zoo.reports.drawing import new_figure
from zoo.reports.sequences import mark_steps, sample
from zoo.reports.subject import Subject

TITLE = "Attention while the model reads a test sample"
READING = (
    "A row is the step that asks and a column the step that it attends to, dark where "
    "the attention weight is large; the weights of a row add up to 1, and each head "
    "has a map of its own."
)
ORDER = 120
HEADS = 4
_ASK = "return_attention_scores"


def draw(subject: Subject) -> Figure | None:
    """Draws the maps of the first attention layer, of four heads at most.

    Those of a translator are in a picture of their own.
    """
    if subject.task == "translation":
        return None
    layers = [
        layer
        for layer in subject.model._flatten_layers(include_self=False)
        if _ASK in inspect.signature(layer.call).parameters
    ]
    if not layers:
        return None
    x, tokens = sample(subject)
    with watched(layers[0]) as maps:
        subject.model(x, training=False)
    heads = maps[0][0]
    heads = heads.reshape(-1, *heads.shape[-2:])
    shown = heads[:HEADS]
    about = f"{subject.title}: {len(shown)} of {len(heads)} heads"
    rows, columns = (1, 1) if len(shown) == 1 else (-(-len(shown) // 2), 2)
    figure = new_figure(TITLE, about, 3.0 * rows + 0.6 if columns == 2 else 5.0)
    grid = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    for k, axes in enumerate(grid.flat):
        if k >= len(shown):
            axes.set_axis_off()
            continue
        axes.imshow(shown[k], cmap="Blues", vmin=0, vmax=float(shown.max()))
        axes.set_title(f"head {k + 1}", fontsize=9)
    for axes in grid[-1]:
        mark_steps(axes, tokens)
    for axes in grid[:, 0]:
        mark_steps(axes, tokens, vertical=True)
    figure.colorbar(grid[0, 0].images[0], ax=grid, label="attention weight")
    return figure


@contextlib.contextmanager
def watched(layer: keras.Layer) -> Iterator[list[np.ndarray]]:
    """Collects the attention weights of each call of a layer.

    Args:
        layer: Whose `call` can return them, as those of Keras and ours do.
    """
    call, maps = layer.call, []

    def call_and_collect(*args: object, **kwargs: object) -> object:
        outputs, scores = call(*args, **kwargs | {_ASK: True})
        maps.append(ops.convert_to_numpy(ops.cast(scores, "float32")))
        return outputs

    layer.call = call_and_collect
    try:
        yield maps
    finally:
        del layer.call
