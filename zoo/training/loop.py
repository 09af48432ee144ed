"""The training loop: epochs, calls of the engine, callbacks, checkpoints."""

import contextlib
import time
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from zoo import messages, tasks
from zoo.datasets import Dataset
from zoo.errors import ArgumentError, RunError, suggestion
from zoo.machines.devices import Devices
from zoo.machines.workers import Workers
from zoo.registry import Recipe
from zoo.runs.timings import Timings
from zoo.training.adapt import adapt
from zoo.training.averaging import averaged_weights
from zoo.training.callback_states import CallbackStates
from zoo.training.callbacks import at_each_step
from zoo.training.checkpoint import (
    Checkpoints,
    Progress,
    State,
    are_finite,
    read_variables,
    write_variables,
)
from zoo.training.direction import Mode, known_mode, metrics_of
from zoo.training.divergence import untrained_loss
from zoo.training.engine.base import EVALUATION_BATCH
from zoo.training.engines import engine_of
from zoo.training.feed import feeds_for, steps_per_epoch
from zoo.training.interruption import Interruption, deferred_signals

SAVE_SECONDS = 15.0  # between two checkpoints
CALL_SECONDS = 0.5  # target duration of one call of the engine
MOST_STEPS = 1_000_000  # per call
WORKERS_STEPS = 50  # per call, where several workers must run the same number


class DivergenceError(Exception):
    """The loss or the weights are no longer finite; `fit` finds the cause.

    Args:
        what: `loss` or `weights`.
        step: The step of the epoch, from 0, whose loss was not finite or before which
            weights were not.
    """

    def __init__(self, what: str, step: int) -> None:
        super().__init__(what, step)
        self.what = what
        self.step = step


class Loop:
    """Trains a compiled model.

    Args:
        model: Compiled within `devices.scope()`.
        data: Dataset to train and validate on.
        recipe: Batch size, epochs, seed, monitored metric.
        checkpoints: Where checkpoints are saved.
        devices: Devices to train on.
        timings: Records the wall time of each phase.
        augmentation: Layers applied to the samples in training.
    """

    def __init__(
        self,
        model: keras.Model,
        data: Dataset,
        recipe: Recipe,
        checkpoints: Checkpoints,
        devices: Devices,
        timings: Timings | None = None,
        *,
        augmentation: keras.Sequential | None = None,
    ) -> None:
        self.model = model
        self.data = data
        self.recipe = recipe
        self.checkpoints = checkpoints
        self.monitor = recipe.monitor or tasks.get(data.task).monitor
        self.progress = Progress()
        self.workers = Workers(devices)
        self.steps = steps_per_epoch(data, recipe)
        self.timings = timings or Timings()
        self._devices = devices
        self._engine = engine_of(model, data, recipe, devices, augmentation)
        self._best: list[np.ndarray] = []
        self._resumed: State | None = None

    @property
    def variables(self) -> list[keras.Variable]:
        """Weights, optimizer, random generators, loss and metrics, and the feed's."""
        return [*self._engine.variables(), *self._train.variables()]

    def resume_or_start(self, *, is_new: bool = True) -> None:
        """Restores the last checkpoint, or prepares the model for the first step.

        Every worker reads the checkpoint, so the run folder must be one that all
        machines share.

        Args:
            is_new: Whether layers such as `Normalization` have to be adapted to the
                data at the start.

        Raises:
            RunError: If workers read different checkpoints, or all are damaged.
        """
        state = self.checkpoints.latest()
        # Before the first one is written, which a slower worker would find.
        self._check_same_position(state)
        if state is None and is_new:
            adapt(self.model, self.data)
        self._engine.build(self.data.train)
        self._train, self._validation = feeds_for(
            self._engine, self.data, self.recipe, self.workers.all
        )
        self.mode: Mode = known_mode(
            self.monitor, self.recipe.mode, metrics_of(self.model)
        )
        if state is None:
            self.progress.untrained_loss = self._untrained_loss()
        else:
            write_variables(self.variables, state.variables)
            self.progress, self._best, self._resumed = state.progress, state.best, state

    def _untrained_loss(self) -> float:
        if self.data.task == "embedding":
            return self._engine.untrained_loss()
        return untrained_loss(self.model, self.data.train) * self._devices.replicas

    def _check_same_position(self, state: State | None) -> None:
        position = -1
        if state is not None:
            position = state.progress.epoch * self.steps + state.progress.step
        if not self.workers.agree(position):
            raise RunError(
                f"The workers do not find the same checkpoint in "
                f"{self.checkpoints.directory}; give an --output in a folder that all "
                "of them share."
            )

    def run(
        self,
        callbacks: Sequence[keras.callbacks.Callback],
        reporters: Sequence[keras.callbacks.Callback],
        log_every: int | None,
    ) -> None:
        """Trains to the end and restores the weights of the best epoch.

        Args:
            callbacks: May change the metrics of an epoch and stop the training.
            reporters: Called at the end of each epoch with its final metrics.
            log_every: Steps between calls of batch methods; by default each, if a
                callback has one of its own, or as many as take half a second.

        Raises:
            RunError: If a callback changes what is compiled.
        """
        name = at_each_step(callbacks)
        if log_every is None and self.workers.any(name is not None):
            log_every = 1
            messages.inform(
                f"{name or 'A callback'} has batch methods, which are called at each "
                "step; with log_every they are called less often, and training is "
                "faster."
            )
        self._callbacks = callbacks
        self._states = CallbackStates(callbacks)
        callback_list = keras.callbacks.CallbackList(
            [*callbacks, _EpochRecorder(self._record_epoch), *reporters],
            model=self.model,
            epochs=self.recipe.epochs,
            steps=self.steps,
            verbose=1,
        )
        self._call_size = _CallSize(log_every, fixed=self.workers.are_several)
        self.model.stop_training = False
        self._states.continue_files(self.progress.callbacks)
        self._compiled = self._what_is_compiled()
        callback_list.on_train_begin()
        try:
            self._run(callback_list)
        except BaseException:
            # As in `fit`, `on_train_end` of the other callbacks is not called.
            for reporter in reporters:
                reporter.on_train_end()
            raise
        history = self.progress.history
        callback_list.on_train_end(history[-1] if history else None)
        self.model.set_weights(self._best)

    def _what_is_compiled(self) -> tuple[Any, list[int]]:
        return self.model.optimizer, [*map(id, self.model.trainable_variables)]

    def _check_compiled(self) -> None:
        """Checks that the compiled steps still are those of the model."""
        if self._what_is_compiled() != self._compiled:
            raise RunError(
                "A callback has compiled the model anew, or changed which of its "
                "weights are trainable: the steps are compiled already, so that would "
                "have no effect; train once before the change and once after it."
            )

    def _run(self, callback_list: keras.callbacks.CallbackList) -> None:
        if self._resumed is None:
            self._states.start()
            self._save()
        else:
            self._states.compare(self._resumed.progress.callbacks)
            self._restore(self._resumed)
            self._states.start()
            self._say_what_changed(self.progress)
        self._saved = time.monotonic()
        with deferred_signals() as interruption:
            is_interrupted = False
            while not (is_interrupted or self._is_over()):
                is_interrupted = self._epoch(callback_list, interruption)
                if not is_interrupted:
                    self._save_if_due()
            self._save()
            if is_interrupted and not interruption:
                raise RunError(
                    "Another worker was stopped; progress is kept. Start all workers "
                    "again with --resume."
                )

    def _say_what_changed(self, resumed: Progress) -> None:
        before, now = resumed.learning_rate, self._learning_rate()
        if resumed.is_stopped:
            messages.warn(
                f"A callback stopped the training in epoch {resumed.epoch}, so it does "
                "not go on; start another run with its weights."
            )
        elif resumed.epoch > self.recipe.epochs:
            messages.warn(
                f"The run has had {resumed.epoch} epochs, more than the "
                f"{self.recipe.epochs} that are asked for: it does not go on, and the "
                "best of all of them is kept."
            )
        elif now != before:
            messages.warn(
                f"The schedule of the learning rate now is for {self.recipe.epochs} "
                f"epochs instead of {resumed.epochs}: the rate goes on at {now:.3g}, "
                f"not at {before:.3g}."
            )

    def _learning_rate(self) -> float:
        rate = getattr(self.model.optimizer, "learning_rate", 0.0)  # some have several
        return float(keras.ops.convert_to_numpy(rate))

    def _is_over(self) -> bool:
        return self.progress.is_stopped or self.progress.epoch >= self.recipe.epochs

    def _epoch(
        self, callback_list: keras.callbacks.CallbackList, interruption: Interruption
    ) -> bool:
        """Trains to the end of an epoch; returns whether a worker was interrupted."""
        progress = self.progress
        start = time.monotonic() - progress.seconds
        callback_list.on_epoch_begin(progress.epoch)
        self._check_compiled()
        if progress.step == 0:
            self._engine.start_means()
        elif self._resumed is not None:
            # A callback that counts epochs has counted this one before.
            self._restore(self._resumed)
        self._train.begin(self.recipe.seed, progress.epoch)
        # A run resumed after the last step of an epoch makes no call, which has them.
        logs = self._engine.means() if progress.step else {}
        while progress.step < self.steps:
            stop = min(progress.step + self._call_size.steps(progress.step), self.steps)
            callback_list.on_train_batch_begin(progress.step)
            with self._call_size, self.timings.measure("training"):
                outcome = self._train.train(progress.step, stop)
            self.timings.count(outcome.step - progress.step)
            logs = outcome.logs
            if not outcome.finite:
                raise DivergenceError("loss", outcome.step - 1)
            progress.step = outcome.step
            progress.seconds = time.monotonic() - start
            callback_list.on_train_batch_end(progress.step - 1, logs)
            # As in `fit`, the epoch is validated and ends.
            if self.workers.any(self.model.stop_training):
                break
            if self.workers.any(bool(interruption)):
                return True
            if progress.step < self.steps:
                self._save_if_due()
        self._check_compiled()
        if len(self.data.validation.y) or self.data.environment is not None:
            logs = logs | self._validate(callback_list)
        progress.seconds = time.monotonic() - start
        callback_list.on_epoch_end(progress.epoch, logs)
        progress.is_stopped = self.workers.any(self.model.stop_training)
        return self.workers.any(bool(interruption))

    def _restore(self, state: State) -> None:
        """Undoes what callbacks have reset or changed before the first step."""
        write_variables(self.variables, state.variables)
        self._states.restore(state.progress.callbacks)

    def _validate(
        self, callback_list: keras.callbacks.CallbackList
    ) -> dict[str, float]:
        with (
            self.timings.measure("validation"),
            averaged_weights(self.model, self._callbacks),
        ):
            callback_list.on_test_begin()
            callback_list.on_test_batch_begin(0)
            scores = self._validation.score()
            task = tasks.get(self.data.task)
            scores |= task.epoch_scores(self.model, self.data)
            last = -(-len(self.data.validation.y) // EVALUATION_BATCH) - 1
            callback_list.on_test_batch_end(last, scores)
            callback_list.on_test_end(scores)
        return {f"val_{name}": value for name, value in scores.items()}

    def replay(self, progress: Progress, target: int) -> None:
        """Repeats the steps from a checkpoint up to, not including, a step of the run.

        Args:
            progress: Progress at the checkpoint whose variables are restored.
            target: The step, counted from the start of the run.
        """
        position = progress.epoch * self.steps + progress.step
        while position < target:
            epoch, step = divmod(position, self.steps)
            self._train.begin(self.recipe.seed, epoch)
            stop = min(self.steps, target - epoch * self.steps)
            while step < stop:
                step = self._train.train(step, stop).step
            position = epoch * self.steps + step

    def _record_epoch(self, logs: dict[str, float]) -> None:
        logs["seconds"] = self.progress.seconds
        row = _numbers(logs)
        logs.clear()
        logs.update(row)
        if self.monitor not in row:
            raise ArgumentError(
                f"`monitor`: epoch {self.progress.epoch + 1} has no metric "
                f"{self.monitor!r}.{suggestion(self.monitor, row)}"
            )
        if self.progress.finish_epoch(row, self.monitor, self.mode):
            with averaged_weights(self.model, self._callbacks):
                self._best = self.model.get_weights()

    def _save_if_due(self) -> None:
        # Some variables are read by all workers together, so all save at the same step.
        if self.workers.are_several:
            is_due = self.progress.step == 0
        else:
            is_due = time.monotonic() - self._saved >= SAVE_SECONDS
        if is_due:
            self._save()
            self._states.warn_of_lost()

    def _save(self) -> None:
        self._check_compiled()
        self.progress.callbacks = self._states.read()
        self.progress.epochs = self.recipe.epochs
        self.progress.learning_rate = self._learning_rate()
        with self.timings.measure("saving"):
            values = read_variables(self.variables)
            if not are_finite(values[: len(self.model.variables)]):
                # Not saved, so that training can resume from the last checkpoint.
                raise DivergenceError("weights", self.progress.step)
            if self._devices.is_chief:
                self.checkpoints.save(State(self.progress, values, self._best))
        self.timings.write()
        self._saved = time.monotonic()


def _numbers(logs: dict[str, Any]) -> dict[str, float]:
    """The numbers in logs, to which a callback may have added anything."""
    row = {}
    for name, value in logs.items():
        with contextlib.suppress(TypeError, ValueError):
            row[name] = float(value)
    return row


class _EpochRecorder(keras.callbacks.Callback):
    """Records the metrics of an epoch, after the callbacks and before the reporters."""

    def __init__(self, record: Any) -> None:
        super().__init__()
        self._record = record

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._record(logs or {})


class _CallSize:
    """Chooses the number of steps of each engine call, so that it takes `CALL_SECONDS`.

    Args:
        log_every: Use this number of steps instead.
        fixed: Whether the number must not depend on time.
    """

    def __init__(self, log_every: int | None, *, fixed: bool) -> None:
        self._fixed = log_every or (WORKERS_STEPS if fixed else None)
        self._steps = 1

    def steps(self, step: int) -> int:
        """Returns the number of steps of the next call, after `step` of the epoch."""
        if self._fixed is None:
            return self._steps
        return self._fixed - step % self._fixed

    def __enter__(self) -> None:
        self._start = time.monotonic()

    def __exit__(self, *exception: object) -> None:
        taken = time.monotonic() - self._start
        share = CALL_SECONDS / max(taken, 1e-4)
        # Grows by 8 at most: the first call compiles, which its time includes.
        self._steps = min(MOST_STEPS, max(1, int(self._steps * min(share, 8.0))))
