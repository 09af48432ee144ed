"""One trial: trains a candidate, and prunes it if it is worse than the median."""

import contextlib
import logging
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import optuna

from zoo.datasets import Dataset
from zoo.errors import DivergedError
from zoo.registry import create_model, model_spec
from zoo.runs.summary import best_of
from zoo.tasks.compatibility import arguments_for
from zoo.training.direction import Mode
from zoo.training.train import train
from zoo.tuning.space import Candidate


class InfeasibleError(Exception):
    """A candidate that cannot be built, or that diverges."""


class PruningCallback(keras.callbacks.Callback):
    """Reports a metric after each epoch, and ends a trial that is to be pruned.

    Args:
        trial: Of the study.
        monitor: Name of the metric.
    """

    def __init__(self, trial: optuna.Trial, monitor: str) -> None:
        super().__init__()
        self.trial = trial
        self.monitor = monitor

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Reports the metric.

        Raises:
            TrialPruned: If the trial is worse than the median.
        """
        self.trial.report((logs or {})[self.monitor], epoch)
        if self.trial.should_prune():
            raise optuna.TrialPruned


def run_trial(
    trial: optuna.Trial,
    name: str,
    candidate: Candidate,
    data: Dataset,
    directory: Path,
    *,
    monitor: str,
    mode: Mode,
    jit: str,
) -> float:
    """Trains a candidate into a run folder, with its output in a log file beside.

    Args:
        trial: Of the study.
        name: Of the model.
        candidate: What to train.
        data: With a test split that is not read.
        directory: The run folder.
        monitor: The validation metric that is optimized.
        mode: Whether it is minimized or maximized.
        jit: As in `zoo.train`.

    Returns:
        The best value of its epochs: that of the weights that a run keeps.

    Raises:
        TrialPruned: If it is worse than the median.
        InfeasibleError: If it cannot be built, or diverges.
    """
    spec = model_spec(name)
    try:
        create_model(name, **arguments_for(name, spec, data, candidate.overrides))
    except ValueError as error:
        # Such as a kernel that is larger than the picture.
        raise InfeasibleError(f"it cannot be built: {error}") from error
    directory.parent.mkdir(parents=True, exist_ok=True)
    path = directory.with_suffix(".log")
    path.unlink(missing_ok=True)  # not emptied: it may be a pipe, or another's file
    with (
        path.open("x") as log,
        contextlib.redirect_stderr(log),
        _without_warnings(),
    ):
        try:
            run = train(
                name,
                dataset=data,
                recipe=candidate.recipe,
                overrides=candidate.overrides,
                output=directory,
                callbacks=[PruningCallback(trial, monitor)],
                jit=jit,
            )
        except DivergedError as error:
            raise InfeasibleError(str(error)) from error
    value = best_of(run.history[monitor], mode)
    if value is None or not math.isfinite(value):
        raise InfeasibleError(f"its {monitor} is not finite")
    return value


@contextlib.contextmanager
def _without_warnings() -> Iterator[None]:
    """Silences TensorFlow's warning about many models in one process."""
    logger = logging.getLogger("tensorflow")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)
