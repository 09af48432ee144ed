"""Compiles a model by its recipe: optimizer, schedule, loss, metrics, XLA."""

import dataclasses
import inspect
from collections.abc import Iterable, Mapping
from typing import Any

import keras

from custom_layers.callbacks import EarlyStopping
from custom_layers.optimizers.schedules import Warmup
from zoo.components import find, make
from zoo.config import NOT_SERIALIZED, Recipe
from zoo.errors import ArgumentError, suggestion
from zoo.machines.devices import Devices
from zoo.tasks import Task
from zoo.training.direction import known_mode
from zoo.training.inner_optimizers import inner_optimizers

# Callbacks that assign the learning rate, which a schedule sets in each step.
_SET_THE_RATE = (
    keras.callbacks.LearningRateScheduler,
    keras.callbacks.ReduceLROnPlateau,
)
# Callbacks that add no metrics.
_ADD_NO_METRICS = {
    EarlyStopping,
    keras.callbacks.EarlyStopping,
    keras.callbacks.ModelCheckpoint,
    keras.callbacks.ReduceLROnPlateau,
    keras.callbacks.TerminateOnNaN,
}


def compile_model(
    model: keras.Model,
    recipe: Recipe,
    task: Task,
    *,
    steps: int,
    jit: bool,
    objects: Mapping[str, Any] | None = None,
) -> None:
    """Compiles a model by its recipe.

    Args:
        model: To compile.
        recipe: Optimizer, schedule, loss, metrics.
        task: Loss where the recipe names none, and metrics.
        steps: Steps per epoch.
        jit: Whether to compile the steps with XLA.
        objects: Components that cannot be serialized into the recipe.

    Raises:
        UnknownNameError: If there is no class of such a name.
        ArgumentError: If a component cannot be made.
    """
    held = objects or {}
    loss = held.get("loss") or make("loss", recipe.loss or task.loss)
    model.compile(
        optimizer=held.get("optimizer") or _optimizer(recipe, steps),
        loss=task.wrap_loss(loss),
        # Weighted, because a padded batch has samples of weight 0.
        weighted_metrics=[*task.metrics(), *make_metrics(recipe, held)],
        jit_compile=jit,
    )


def _optimizer(recipe: Recipe, steps: int) -> keras.optimizers.Optimizer:
    name, arguments = recipe.optimizer
    if arguments == NOT_SERIALIZED or "learning_rate" not in arguments:
        return make("optimizer", recipe.optimizer)
    rate = arguments["learning_rate"]
    if isinstance(rate, dict):
        rate = keras.saving.deserialize_keras_object(rate)
    else:
        rate = rate * recipe.rate_scale
    if recipe.schedule is not None:
        rate = make(
            "schedule",
            recipe.schedule,
            initial_learning_rate=rate,
            decay_steps=steps * recipe.epochs,
        )
    if recipe.warmup_epochs:
        rate = Warmup(rate, steps=round(recipe.warmup_epochs * steps))
    return make("optimizer", (name, arguments | {"learning_rate": rate}))


def with_rate(recipe: Recipe) -> Recipe:
    """Fills in the default learning rate of the optimizer."""
    name, arguments = recipe.optimizer
    if arguments == NOT_SERIALIZED or "learning_rate" in arguments:
        return recipe
    rate = inspect.signature(find("optimizer", name)).parameters.get("learning_rate")
    if rate is None or rate.default is inspect.Parameter.empty:
        return recipe
    arguments = arguments | {"learning_rate": rate.default}
    return dataclasses.replace(recipe, optimizer=(name, arguments))


def make_metrics(
    recipe: Recipe, objects: Mapping[str, Any] | None = None
) -> list[keras.Metric]:
    """Makes the metrics of a recipe, in addition to those of the task."""
    held = (objects or {}).get("metrics") or [None] * len(recipe.metrics)
    metrics = []
    for component, metric in zip(recipe.metrics, held, strict=True):
        metrics.append(metric or make("metric", component))
        metrics[-1].reset_state()
    return metrics


def check_recipe(recipe: Recipe, task: Task) -> None:
    """Checks that every component of a recipe can be made.

    Raises:
        UnknownNameError: If there is no class of such a name.
        ArgumentError: If a component cannot be made, the monitor is no metric, or
            whether to minimize it is not known.
    """
    recipe = with_rate(recipe)
    task.settings(recipe.encoding)
    check_schedule(recipe, ())
    metrics = [*task.metrics(), *make_metrics(recipe)]
    check_monitor(recipe, metrics)
    known_mode(recipe.monitor or task.monitor, recipe.mode, metrics)
    _optimizer(recipe, steps=1)
    make("loss", recipe.loss or task.loss)
    for component in recipe.augmentation:
        make("augmentation", component)


def check_monitor(
    recipe: Recipe,
    metrics: Iterable[keras.Metric],
    callbacks: Iterable[keras.callbacks.Callback] = (),
) -> None:
    """Checks that the monitors of recipe and callbacks are metrics of an epoch.

    Monitors are not checked if a callback of an unknown class may add metrics.

    Args:
        recipe: Recipe with the monitor that selects the best epoch.
        metrics: All metrics that are computed.
        callbacks: Callbacks, some with a monitor.

    Raises:
        ArgumentError: If a monitor is not a metric, or two metrics have the same name.
    """
    names = ["loss", *(metric.name for metric in metrics)]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ArgumentError(
            f"`metrics`: two metrics are named {twice!r}; give one another name: "
            '["AUC", {"name": "auc"}].'
        )
    if not all(type(callback) in _ADD_NO_METRICS for callback in callbacks):
        return
    known = [*names, *(f"val_{name}" for name in names)]
    monitors = {"monitor": recipe.monitor}
    for callback in callbacks:
        monitors[f"callbacks`: {type(callback).__name__}, `monitor"] = getattr(
            callback, "monitor", None
        )
    for path, monitor in monitors.items():
        if monitor is not None and monitor not in known:
            raise ArgumentError(
                f"`{path}`: no epoch has a metric {monitor!r}."
                f"{suggestion(monitor, known)}"
            )


def check_schedule(
    recipe: Recipe, callbacks: Iterable[keras.callbacks.Callback]
) -> None:
    """Checks that only one schedule or callback sets the learning rate.

    Raises:
        ArgumentError: If a schedule and a callback, or two schedules, do.
    """
    arguments = recipe.optimizer[1]
    has_schedule = recipe.schedule is not None or recipe.warmup_epochs > 0
    has_own = arguments == NOT_SERIALIZED or "learning_rate" not in arguments
    if has_own and (has_schedule or recipe.rate_scale != 1):
        raise ArgumentError(
            f"`optimizer`: {recipe.optimizer[0]} has a learning rate of its own here, "
            "which nothing else can change; pass it the schedule, and set "
            "schedule=None, warmup_epochs=0 and base_batch_size=None."
        )
    is_schedule = isinstance(arguments.get("learning_rate"), dict)
    if is_schedule and (recipe.schedule is not None or recipe.rate_scale != 1):
        raise ArgumentError(
            "`schedule`: the optimizer's learning rate is a schedule already; set "
            "schedule=None and base_batch_size=None."
        )
    if not (has_schedule or is_schedule):
        return
    for callback in callbacks:
        if isinstance(callback, _SET_THE_RATE):
            raise ArgumentError(
                f"`callbacks`: {type(callback).__name__} sets the learning rate, which "
                "a schedule sets already; leave it out, or set schedule=None and "
                "warmup_epochs=0."
            )


def check_accumulation(model: keras.Model, steps: int) -> None:
    """Checks that a run is long enough for an update of the weights.

    Args:
        model: Compiled.
        steps: Of the whole run.

    Raises:
        ArgumentError: If the gradients of more steps are accumulated for one.
    """
    optimizers = inner_optimizers(model.optimizer)
    accumulated = max(
        (o.gradient_accumulation_steps or 1 for o in optimizers), default=1
    )
    if accumulated > steps:
        raise ArgumentError(
            f"`accumulation`: the weights are updated every {accumulated} steps, but "
            f"the run has {steps}, so nothing would be learned; give a smaller one, a "
            "smaller batch_size, or more epochs."
        )


def uses_xla(model: keras.Model, jit: str, devices: Devices) -> bool:
    """Decides whether XLA compiles the steps.

    Args:
        model: Model to train.
        jit: `on`, `off`, or `auto`: on, except for convolutions and trees on a CPU,
            which XLA makes slower.
        devices: Devices to train on.

    Raises:
        ArgumentError: If `jit` is `off` with JAX.
    """
    if keras.backend.backend() == "jax":
        if jit == "off":
            raise ArgumentError("JAX always compiles with XLA; leave --jit out.")
        return True
    if jit == "auto":
        layers = model._flatten_layers(include_self=False)
        return devices.accelerated or not any(map(_is_slower, layers))
    return jit == "on"


def _is_slower(layer: keras.Layer) -> bool:
    names = [kind.__name__ for kind in type(layer).__mro__]
    return any("Conv" in name or "Tree" in name for name in names)
