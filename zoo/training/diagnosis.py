"""Finds the step and the layer where a loss or weights first became non-finite."""

import math
from typing import Any

import keras

from custom_layers.callbacks import GradientMonitor
from zoo.errors import NotFiniteError
from zoo.runs.order import permutation
from zoo.training.checkpoint import (
    State,
    are_finite,
    read_variables,
    write_variables,
)
from zoo.training.divergence import REMEDY
from zoo.training.loop import DivergenceError, Loop


def explain(loop: Loop, divergence: DivergenceError) -> NotFiniteError:
    """Replays training from the last checkpoint to find the step that diverged.

    Args:
        loop: The loop that diverged.
        divergence: What was not finite, and at which step.

    Returns:
        The error to raise, with the cause in its message.
    """
    target = loop.progress.epoch * loop.steps + divergence.step
    # Weights are checked after a step, before the next one.
    is_loss = divergence.what == "loss"
    number = target + 1 if is_loss else target
    verb = "is" if is_loss else "are"
    epoch = (number - 1) // loop.steps + 1
    where = f"The {divergence.what} {verb} not finite at step {number} (epoch {epoch})"
    if loop.workers.are_several:
        # They would have to replay together, from a file that only the chief has.
        alone = "Train with a single worker to find the layer."
        return NotFiniteError(f"{where}. {REMEDY} {alone}")
    state = loop.checkpoints.latest()
    # An environment cannot be set back to the step that was the first, and of words
    # there are two layers alone.
    is_other = loop.data.environment is not None or loop.data.task == "embedding"
    if state is None or is_other:
        return NotFiniteError(f"{where}. {REMEDY}")
    cause = _Replay(loop, state).cause(target)
    kept = loop.checkpoints.path(state.progress)
    return NotFiniteError(
        f"{where}: {cause}. The last good checkpoint is {kept}. {REMEDY}"
    )


class _Replay:
    """Replays steps from a checkpoint; steps are counted from the start of the run."""

    def __init__(self, loop: Loop, state: State) -> None:
        self.loop = loop
        self.state = state
        self.start = state.progress.epoch * loop.steps + state.progress.step

    def cause(self, target: int) -> str:
        """Returns what made the loss of `target` or the weights before it infinite."""
        step = self._first_broken(target)
        self._go_to(step)
        model = self.loop.model
        batch = self._batch(step)
        found = _broken_output(model, batch[0]) or _broken_gradient(model, batch)
        if found is not None:
            return found
        self._go_to(step + 1)
        broken = self._broken_weights()
        if broken:
            return f"step {step + 1} made the weights of layer {broken[0]!r} infinite"
        return "a replay of the step is finite, so a callback changed the weights"

    def _first_broken(self, target: int) -> int:
        """The first step whose update makes weights non-finite; else `target`."""
        if self._is_fine(target):
            return target
        fine, broken = self.start, target
        if target - 1 > fine and self._is_fine(target - 1):
            fine = target - 1
        while broken - fine > 1:
            middle = (fine + broken) // 2
            if self._is_fine(middle):
                fine = middle
            else:
                broken = middle
        return fine

    def _is_fine(self, step: int) -> bool:
        self._go_to(step)
        return not self._broken_weights()

    def _go_to(self, step: int) -> None:
        write_variables(self.loop.variables, self.state.variables)
        self.loop.replay(self.state.progress, step)

    def _broken_weights(self) -> list[str]:
        return [
            layer.name
            for layer in self.loop.model.layers
            if not are_finite(read_variables(layer.variables))
        ]

    def _batch(self, step: int) -> tuple[Any, Any]:
        loop = self.loop
        epoch, step = divmod(step, loop.steps)
        size = loop.recipe.batch_size
        order = permutation(loop.recipe.seed, epoch, len(loop.data.train.y))
        chosen = order[step * size : (step + 1) * size]
        samples = tuple(loop.data.train)[:2]
        return keras.tree.map_structure(lambda array: array[chosen], samples)


def _broken_output(model: keras.Model, x: Any) -> str | None:
    layers = _computing(model)
    if not layers:
        return None
    probe = keras.Model(model.inputs, [layer.output for layer in layers])
    found = probe(keras.tree.flatten(x), training=True)
    for layer, outputs in zip(layers, found, strict=True):
        if not _is_finite(outputs):
            return (
                f"the outputs of layer {layer.name!r} are the first that are not finite"
            )
    return None


def _broken_gradient(model: keras.Model, batch: tuple[Any, Any]) -> str | None:
    if keras.backend.backend() == "tensorflow":
        found = _broken_in_backward_pass(model, batch)
        if found is not None:
            return found
    monitor = GradientMonitor(batch)
    monitor.set_model(model)
    broken = [
        name for name, norm in monitor.measure().items() if not math.isfinite(norm)
    ]
    if not broken:
        return None
    # The backward pass starts at the outputs, so the last layer's comes first.
    return f"the gradient of layer {broken[-1]!r} is the first that is not finite"


def _broken_in_backward_pass(model: keras.Model, batch: tuple[Any, Any]) -> str | None:
    """Checks the gradient of each layer's outputs, also of layers without weights."""
    import tensorflow as tf

    x, y = batch
    layers = _computing(model)
    if not layers:
        return None
    probe = keras.Model(model.inputs, [[la.output for la in layers], model.output])
    with tf.GradientTape() as tape:
        outputs, predictions = probe(keras.tree.flatten(x), training=True)
        loss = model._compute_loss(x, y, predictions, training=True)
    gradients = tape.gradient(
        loss, outputs, unconnected_gradients=tf.UnconnectedGradients.ZERO
    )
    broken = [
        layer
        for layer, gradient in zip(layers, gradients, strict=True)
        if not _is_finite(gradient)
    ]
    if not broken:
        return None
    behind = [layer for layer in layers if broken[-1] in _parents(layer)]
    if not behind:
        return "the gradient of the loss itself is not finite"
    return (
        f"the gradient through layer {behind[-1].name!r} is the first that is not "
        "finite"
    )


def _is_finite(tensors: Any) -> bool:
    return are_finite(
        [keras.ops.convert_to_numpy(tensor) for tensor in keras.tree.flatten(tensors)]
    )


def _computing(model: keras.Model) -> list[keras.Layer]:
    if not getattr(model, "inputs", None):
        return []
    return [
        layer
        for layer in model.layers
        if not isinstance(layer, keras.layers.InputLayer)
        and len(layer._inbound_nodes) == 1  # otherwise `output` is ambiguous
    ]


def _parents(layer: keras.Layer) -> list[keras.Operation]:
    return [node.operation for node in layer._inbound_nodes[0].parent_nodes]
