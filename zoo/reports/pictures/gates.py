"""Gates of a recurrent layer over a sample sequence."""

from typing import Any

import keras
import numpy as np
from keras import ops
from matplotlib.figure import Figure

from custom_layers import GRU, LSTM, Bidirectional
from zoo.reports.drawing import new_figure
from zoo.reports.sequences import mark_steps, sample
from zoo.reports.subject import Subject

TITLE = "Gates while the model reads a test sample"
READING = (
    "A column is a step of the sequence and a row a unit, bright where its gate is "
    "open: an LSTM writes into its cell through the input gate, keeps it where the "
    "forget gate is open, and shows it through the output gate; a GRU keeps its state "
    "where the update gate is open, and forgets it for the candidate where the reset "
    "gate is closed."
)
ORDER = 110
UNITS = 32
NAMES = {LSTM: ("input", "forget", None, "output"), GRU: ("update", "reset", None)}


def draw(subject: Subject) -> Figure | None:
    """Draws the gates of the first LSTM or GRU, the forward one of a bidirectional."""
    found = _first(subject.model)
    if found is None or subject.task == "translation":  # two sequences in one
        return None
    holder, layer = found
    x, tokens = sample(subject)
    (read,) = _sequences(holder)
    sequence = keras.Model(subject.model.input, read)(x)
    gates = open_gates(layer, ops.convert_to_numpy(ops.cast(sequence, "float32"))[0])
    kind = type(layer).__name__
    about = f"{subject.title}: {kind} of {layer.units} units"
    if layer.units > UNITS:
        about += f", the first {UNITS}"
    figure = new_figure(TITLE, about, 1.5 * len(gates) + 1.0)
    panels = figure.subplots(len(gates), 1, sharex=True)
    for axes, (name, values) in zip(panels, gates.items(), strict=True):
        axes.imshow(values[:, :UNITS].T, aspect="auto", vmin=0, vmax=1)
        axes.set_title(f"{name} gate", fontsize=9)
        axes.set(ylabel="unit", yticks=[])
    figure.colorbar(panels[0].images[0], ax=panels, label="0: closed, 1: open")
    mark_steps(panels[-1], tokens)
    return figure


def _first(model: keras.Model) -> tuple[keras.Layer, Any] | None:
    """The first layer of the graph with gates, and the LSTM or GRU in it.

    Neither one that is called more than once, nor one with an initial state.
    """
    for layer in model.layers if getattr(model, "inputs", None) else ():
        inner = layer.forward_layer if isinstance(layer, Bidirectional) else layer
        if (
            type(inner) in NAMES
            and len(layer._inbound_nodes) == 1
            and len(_sequences(layer)) == 1
        ):
            return layer, inner
    return None


def _sequences(layer: keras.Layer) -> list[Any]:
    """The inputs of a layer; a mask is one of those of a bidirectional layer."""
    return [x for x in keras.tree.flatten(layer.input) if x.dtype != "bool"]


def open_gates(layer: Any, sequence: np.ndarray) -> dict[str, np.ndarray]:
    r"""Computes the gates of a layer from its weights.

    .. math::

        g_t = \sigma(x_t W_g + h_{t-1} R_g + b_g)

    Args:
        layer: An `LSTM` or `GRU`.
        sequence: Inputs of the layer, of shape `(time, features)`.

    Returns:
        The values of each gate, of shape `(time, units)`.
    """
    cell, names = layer.cell, NAMES[type(layer)]
    kernel, recurrent, bias = (
        0.0 if part is None else ops.convert_to_numpy(ops.cast(part, "float32"))
        for part in cell.tensors()
    )
    bias = np.atleast_2d(bias).sum(axis=0)  # a GRU may have one of the state, too
    states = cell.get_initial_state(batch_size=1)
    steps = []
    order = slice(None, None, -1 if layer.go_backwards else 1)
    for x in sequence[order]:
        state = ops.convert_to_numpy(ops.cast(states[0], "float32"))[0]
        steps.append(x @ kernel + state @ recurrent + bias)
        _, states = cell(x[np.newaxis], states)
    parts = np.split(np.array(steps, "float32")[order], len(names), axis=1)
    return {
        name: ops.convert_to_numpy(cell.recurrent_activation(part))
        for name, part in zip(names, parts, strict=True)
        if name
    }
