"""What a recipe makes of a model: optimizer, schedule, loss, metrics, XLA."""

from collections.abc import Iterator
from typing import Any

import keras

from custom_layers import losses, optimizers
from custom_layers.optimizers import schedules
from zoo.errors import ArgumentError
from zoo.machines.devices import Devices
from zoo.registry import Recipe
from zoo.tasks import Task

JIT = ("auto", "on", "off")


def compile_model(
    model: keras.Model, recipe: Recipe, task: Task, *, steps: int, jit: bool
) -> None:
    """Compiles a model by its recipe.

    Args:
        model: To compile.
        recipe: Optimizer, schedule, loss.
        task: Loss where the recipe names none, and metrics.
        steps: Of an epoch.
        jit: Whether XLA compiles what trains it.
    """
    kind, options = recipe.optimizer
    rate = options["learning_rate"] * recipe.rate_scale
    if recipe.schedule is not None:
        name, arguments = recipe.schedule
        rate = find_schedule(name)(rate, decay_steps=steps * recipe.epochs, **arguments)
    if recipe.warmup_epochs:
        rate = schedules.Warmup(rate, steps=round(recipe.warmup_epochs * steps))
    loss, loss_options = recipe.loss or task.loss
    model.compile(
        optimizer=getattr(optimizers, kind)(**options | {"learning_rate": rate}),
        loss=getattr(losses, loss)(**loss_options),
        # Weighted, because a batch may be filled up with samples that do not count.
        weighted_metrics=task.metrics(),
        jit_compile=jit,
    )


def find_schedule(name: str) -> Any:
    """Finds a schedule by its name, ours or Keras', or returns `None`."""
    theirs = getattr(keras.optimizers.schedules, name, None)
    return getattr(schedules, name, theirs)


def uses_xla(model: keras.Model, jit: str, devices: Devices) -> bool:
    """Decides whether XLA compiles the steps.

    Args:
        model: To be trained.
        jit: `on`, `off`, or `auto`: everywhere but for convolutions on a CPU, which
            XLA makes slower.
        devices: What computes.

    Raises:
        ArgumentError: If `jit` is something else, or `off` with JAX.
    """
    if jit not in JIT:
        raise ArgumentError(f"`jit` must be one of {', '.join(JIT)}. Received: {jit!r}")
    if keras.backend.backend() == "jax":
        if jit == "off":
            raise ArgumentError("JAX always compiles with XLA; leave --jit out.")
        return True
    if jit == "auto":
        return devices.accelerated or not any(map(_is_convolution, _layers(model)))
    return jit == "on"


def _is_convolution(layer: keras.Layer) -> bool:
    return any("Conv" in kind.__name__ for kind in type(layer).__mro__)


def _layers(model: keras.Model) -> Iterator[keras.Layer]:
    for layer in model.layers:
        yield from _layers(layer) if isinstance(layer, keras.Model) else (layer,)
