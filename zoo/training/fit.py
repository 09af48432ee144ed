"""Trains a compiled model and resumes from its last checkpoint if there is one."""

from collections.abc import Sequence
from pathlib import Path

import keras

from custom_layers.callbacks import EarlyStopping
from zoo.datasets import Dataset
from zoo.machines.devices import Devices
from zoo.registry import Recipe
from zoo.runs.timings import Timings
from zoo.training.checkpoint import Checkpoints, Progress
from zoo.training.diagnosis import explain
from zoo.training.divergence import check_divergence
from zoo.training.events import Events
from zoo.training.history import HistoryFile
from zoo.training.loop import DivergenceError, Loop
from zoo.training.progress import ProgressLine


def fit(
    model: keras.Model,
    data: Dataset,
    recipe: Recipe,
    directory: Path,
    devices: Devices,
    *,
    augmentation: keras.Sequential | None = None,
    log_every: int | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    timings: Timings | None = None,
    is_new: bool = True,
) -> Progress:
    """Trains `model` and restores the weights of its best epoch.

    Args:
        model: Built and compiled within `devices.scope()`, for the shape and classes of
            the data.
        data: Dataset to train and validate on.
        recipe: Optimizer, schedule, batch size, epochs, seed.
        directory: The run folder.
        devices: Devices to train on.
        augmentation: Layers applied to the samples in training.
        log_every: Steps between calls of the callbacks' batch methods; by default
            each, if a callback has one of its own, or as many as take half a second.
        callbacks: Additional callbacks. Checkpoints keep the state of those of Keras,
            and of any with methods `get_state()` and `set_state(state)`.
        timings: Records the wall time of each phase.
        is_new: Whether layers such as `Normalization` have to be adapted first.

    Returns:
        The progress, with the metrics of each epoch.

    Raises:
        DivergedError: If the loss is not finite, or ends far above where it began.
        RunError: If all checkpoints are damaged, or none can be written.
    """
    checkpoints = Checkpoints(directory / "checkpoints")
    loop = Loop(
        model, data, recipe, checkpoints, devices, timings, augmentation=augmentation
    )
    try:
        loop.resume_or_start(is_new=is_new)
        callbacks = [*callbacks, *_stopping(recipe, loop)]
        if not any(isinstance(c, keras.callbacks.History) for c in callbacks):
            callbacks.append(keras.callbacks.History())  # `model.history`, as in `fit`
        loop.run(callbacks, _reporters(loop, directory, devices), log_every)
    except DivergenceError as divergence:
        raise explain(loop, divergence) from None
    check_divergence(loop.progress)
    return loop.progress


def _reporters(
    loop: Loop, directory: Path, devices: Devices
) -> list[keras.callbacks.Callback]:
    if not devices.is_chief:
        return []
    return [
        ProgressLine(),
        HistoryFile(directory / "history.csv", loop.progress),
        Events(directory / "logs"),
    ]


def _stopping(recipe: Recipe, loop: Loop) -> list[keras.callbacks.Callback]:
    if recipe.patience is None:
        return []
    return [EarlyStopping(loop.monitor, patience=recipe.patience, mode=loop.mode)]
