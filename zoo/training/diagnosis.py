"""Why a loss is no longer finite: the step and the layer that broke first."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from custom_layers.callbacks import GradientMonitor
from zoo.errors import NotFiniteError
from zoo.training.checkpoint import State, read_variables, write_variables
from zoo.training.order import permutation

if TYPE_CHECKING:
    from zoo.training.loop import Loop

REMEDY = "Try a smaller learning rate, or clipnorm among the optimizer's arguments."


def explain(loop: "Loop", variables: list[keras.Variable], step: int) -> NotFiniteError:
    """Goes back to the last checkpoint and looks at the steps before the bad one.

    Args:
        loop: In the epoch in which the loss was not finite.
        variables: Of the engine.
        step: The first step of the epoch whose loss was not finite, from 0.

    Returns:
        What to raise.
    """
    epoch = loop.progress.epoch
    total = epoch * loop.steps + step + 1
    where = f"The loss is not finite at step {total} (epoch {epoch + 1})"
    state = loop.checkpoints.latest()
    if state is None:
        return NotFiniteError(f"{where}. {REMEDY}")
    # Where the weights are broken already, the step before broke them.
    for back in (0, 1):
        cause = _cause(loop, variables, state, epoch * loop.steps + step - back)
        if cause is not None:
            break
    else:
        cause = "repeated, the step is fine, so a callback broke the weights"
    kept = loop.checkpoints.path(state.progress)
    return NotFiniteError(f"{where}: {cause}. The last checkpoint is {kept}. {REMEDY}")


def _cause(
    loop: "Loop", variables: list[keras.Variable], state: State, target: int
) -> str | None:
    """What is wrong with a step, counted from the start of the training."""
    if target < state.progress.epoch * loop.steps + state.progress.step:
        return None
    write_variables(variables, state.variables)
    loop.replay(state.progress, target)
    if not all(np.isfinite(w).all() for w in read_variables(loop.model.weights)):
        return None
    epoch, step = divmod(target, loop.steps)
    size = loop.recipe.batch_size
    chosen = permutation(loop.recipe.seed, epoch, len(loop.data.train.y))[
        step * size : (step + 1) * size
    ]
    x, y = keras.tree.map_structure(lambda a: a[chosen], tuple(loop.data.train))
    layer = _first_broken_output(loop.model, x)
    if layer is not None:
        return f"the outputs of layer {layer!r} are the first that are not finite"
    monitor = GradientMonitor((x, y))
    monitor.set_model(loop.model)
    broken = [
        name for name, norm in monitor.measure().items() if not math.isfinite(norm)
    ]
    if broken:
        # Gradients come from the outputs, so the last layer's is the first.
        return f"the gradient of layer {broken[-1]!r} is the first that is not finite"
    return None


def _first_broken_output(model: keras.Model, x: Any) -> str | None:
    layers = list(_computing(model))
    if not layers:
        return None
    probe = keras.Model(model.inputs, [layer.output for layer in layers])
    found = probe(keras.tree.flatten(x), training=True)
    for layer, outputs in zip(layers, found, strict=True):
        if not all(
            np.isfinite(keras.ops.convert_to_numpy(tensor)).all()
            for tensor in keras.tree.flatten(outputs)
        ):
            return layer.name
    return None


def _computing(model: keras.Model) -> Iterator[keras.Layer]:
    for layer in model.layers:
        is_input = isinstance(layer, keras.layers.InputLayer)
        if (
            not is_input and len(layer._inbound_nodes) == 1
        ):  # `output` is ambiguous else
            yield layer
