"""Checkpoints: one file each, written atomically."""

import dataclasses
import json
import math
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from zoo import messages
from zoo.array_file import DAMAGES, load_arrays
from zoo.bounds import parse_json
from zoo.errors import RunError
from zoo.files import replacing
from zoo.training.direction import Mode
from zoo.training.packing import pack, storable, unpack

KEPT = 2
_NAME = re.compile(r"epoch-\d+-step-\d+\.npz")
_DAMAGES = *DAMAGES, LookupError, TypeError, AttributeError


@dataclasses.dataclass
class Progress:
    """Progress of a run.

    Args:
        history: Metrics of each finished epoch.
        step: Finished steps of the current epoch.
        seconds: Wall time of these steps.
        best_epoch: Number, from 1, of the epoch with the best monitored metric.
        best: That metric.
        callbacks: What `CallbackStates.read` returned.
        untrained_loss: Loss before the first step.
        epochs: Number of epochs that were asked for.
        learning_rate: That of the next step.
        is_stopped: Whether a callback has stopped the training for good.
    """

    history: list[dict[str, float]] = dataclasses.field(default_factory=list)
    step: int = 0
    seconds: float = 0.0
    best_epoch: int = 0
    best: float | None = None
    callbacks: dict[str, Any] = dataclasses.field(default_factory=dict)
    untrained_loss: float | None = None
    epochs: int = 0
    learning_rate: float = 0.0
    is_stopped: bool = False

    @property
    def epoch(self) -> int:
        """Number of finished epochs."""
        return len(self.history)

    def finish_epoch(self, row: dict[str, float], monitor: str, mode: Mode) -> bool:
        """Adds the metrics of an epoch; returns whether it is the best so far.

        Args:
            row: Its metrics.
            monitor: The metric that decides. Of equal ones the later is best, which
                has been trained longer; NaN is worse than any number.
            mode: Whether it is minimized or maximized.
        """
        self.history.append(row)
        self.step, self.seconds = 0, 0.0
        sign = -1 if mode == "min" else 1
        value = row[monitor]
        is_first = self.best is None or math.isnan(self.best)
        is_best = is_first or sign * value >= sign * (self.best or 0.0)
        if is_best:
            self.best, self.best_epoch = value, self.epoch
        return is_best


@dataclasses.dataclass
class State:
    """Content of a checkpoint.

    Args:
        progress: Progress of the run.
        variables: Weights, optimizer, random generators, loss and metrics.
        best: Weights of the best epoch.
    """

    progress: Progress
    variables: list[np.ndarray]
    best: list[np.ndarray]


class Checkpoints:
    """The `checkpoints/` folder of a run; it holds the last two.

    Args:
        directory: The folder; created with the first checkpoint.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def path(self, progress: Progress) -> Path:
        """Path of the checkpoint at this progress."""
        return (
            self.directory / f"epoch-{progress.epoch:04d}-step-{progress.step:07d}.npz"
        )

    def save(self, state: State) -> Path:
        """Writes a checkpoint and deletes all but the last ones.

        Raises:
            RunError: If it cannot be written; earlier ones are kept.
        """
        held: list[np.ndarray] = []
        fields = vars(state.progress)
        fields = fields | {"callbacks": pack(fields["callbacks"], held)}
        progress = json.dumps(fields).encode()
        arrays = {"progress": np.frombuffer(progress, np.uint8)}
        parts = {"variables": state.variables, "best": state.best, "callbacks": held}
        for kind, values in parts.items():
            for i, array in enumerate(values):
                arrays[f"{kind}/{i}"] = storable(array)
        path = self.path(state.progress)
        try:
            with replacing(path) as part, part.open("wb") as file:
                np.savez(file, **arrays)  # pyright: ignore[reportArgumentType]
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            kept = self._all()
            remains = f"{kept[-1]} is intact" if kept else "there is no earlier one"
            raise RunError(
                f"Cannot write the checkpoint {path}: {error.strerror}; {remains}. "
                "Free some disk space and continue with --resume."
            ) from error
        for old in self._all()[:-KEPT]:
            old.unlink()
        return path

    def latest(self) -> State | None:
        """Reads the last intact checkpoint; `None` if there are no checkpoints.

        Raises:
            RunError: If all of them are damaged.
        """
        paths = self._all()
        for path in reversed(paths):
            try:
                return _read(path)
            except _DAMAGES as error:
                messages.warn(
                    f"Checkpoint {path} is damaged, or of another version ({error}); "
                    "trying the one before."
                )
        if paths:
            raise RunError(
                f"Every checkpoint in {self.directory} is damaged; start a new run "
                "with another --output."
            )
        return None

    def _all(self) -> list[Path]:
        found = [
            path
            for path in self.directory.glob("epoch-*-step-*.npz")
            if _NAME.fullmatch(path.name) and not path.is_dir()
        ]
        # By number: from epoch 10000 on the order of the names is another one.
        return sorted(found, key=_numbers)


def _numbers(path: Path) -> tuple[int, ...]:
    return tuple(map(int, path.stem.split("-")[1::2]))


def _read(path: Path) -> State:
    held = load_arrays(path)
    progress = Progress(**parse_json(held.pop("progress").tobytes()))
    arrays = {"variables": [], "best": [], "callbacks": []}
    for name, array in held.items():
        arrays[name.partition("/")[0]].append(array)
    progress.callbacks = unpack(progress.callbacks, arrays.pop("callbacks"))
    return State(progress, **arrays)


def read_variables(variables: list[keras.Variable]) -> list[np.ndarray]:
    """Copies the values of variables to the host."""
    return [np.array(keras.ops.convert_to_numpy(v)) for v in variables]


def write_variables(variables: list[keras.Variable], values: list[np.ndarray]) -> None:
    """Assigns values to variables.

    Raises:
        RunError: If their number or a shape differs.
    """
    shapes = [tuple(v.shape) for v in variables]
    if shapes != [value.shape for value in values]:
        raise RunError(
            "The checkpoint belongs to another model: the shapes of its variables "
            "differ; give another --output."
        )
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def are_finite(values: Sequence[np.ndarray]) -> bool:
    """Returns whether no value is NaN or infinite."""
    return all(np.isfinite(value).all() for value in values)
