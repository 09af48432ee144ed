"""Checkpoints: one file each, written whole or not at all."""

import dataclasses
import json
import os
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from zoo.errors import RunError
from zoo.files import replacing

KEPT = 2
_DAMAGES = OSError, EOFError, KeyError, ValueError, TypeError, zipfile.BadZipFile


@dataclasses.dataclass
class Progress:
    """How far a run has come.

    Args:
        history: One row of figures for each finished epoch.
        step: Steps that the epoch after these has done.
        seconds: What it took for them.
        best_epoch: The epoch, from 1, with the best monitored figure.
        best: That figure.
        callbacks: State of each callback that has one.
    """

    history: list[dict[str, float]] = dataclasses.field(default_factory=list)
    step: int = 0
    seconds: float = 0.0
    best_epoch: int = 0
    best: float | None = None
    callbacks: list[dict[str, Any]] = dataclasses.field(default_factory=list)

    @property
    def epoch(self) -> int:
        """Number of finished epochs."""
        return len(self.history)

    def finish_epoch(self, row: dict[str, float], monitor: str) -> bool:
        """Adds the figures of an epoch; tells whether it is the best so far.

        Args:
            row: Its figures.
            monitor: The one that decides: the lowest where it is a loss, else the
                highest. Of equals the later: it has been trained longer.
        """
        self.history.append(row)
        self.step, self.seconds = 0, 0.0
        sign = -1 if monitor.endswith("loss") else 1
        value = row[monitor]
        is_best = self.best is None or sign * value >= sign * self.best
        if is_best:
            self.best, self.best_epoch = value, self.epoch
        return is_best


@dataclasses.dataclass
class State:
    """What a checkpoint holds.

    Args:
        progress: How far the run had come.
        variables: Weights, optimizer, random generators, loss and metrics.
        best: Weights of the best epoch.
    """

    progress: Progress
    variables: list[np.ndarray]
    best: list[np.ndarray]


class Checkpoints:
    """The `checkpoints/` folder of a run; it holds the last two.

    Args:
        directory: The folder; it is made when the first one is saved.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def path(self, progress: Progress) -> Path:
        """Where the checkpoint of this moment is."""
        return (
            self.directory / f"epoch-{progress.epoch:04d}-step-{progress.step:07d}.npz"
        )

    def save(self, state: State) -> Path:
        """Writes a checkpoint and drops all but the last ones.

        Raises:
            RunError: If it cannot be written; those before it stay.
        """
        told = json.dumps(dataclasses.asdict(state.progress)).encode()
        arrays = {"progress": np.frombuffer(told, np.uint8)}
        for kind in ("variables", "best"):
            for i, array in enumerate(getattr(state, kind)):
                arrays[f"{kind}/{i}"] = array
        path = self.path(state.progress)
        try:
            with replacing(path) as part, part.open("wb") as file:
                np.savez(file, **arrays)  # pyright: ignore[reportArgumentType]
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            kept = self._all()
            remains = f"{kept[-1]} is whole" if kept else "there is none before it"
            raise RunError(
                f"Cannot write the checkpoint {path}: {error.strerror}; {remains}. "
                "Make room and go on with --resume."
            ) from error
        for old in self._all()[:-KEPT]:
            old.unlink()
        return path

    def latest(self) -> State | None:
        """Reads the last checkpoint that is whole; `None` where there is none.

        Raises:
            RunError: If none of them is.
        """
        paths = self._all()
        for path in reversed(paths):
            try:
                return _read(path)
            except _DAMAGES as error:
                print(
                    f"Checkpoint {path} is damaged ({error}); trying the one before.",
                    file=sys.stderr,
                )
        if paths:
            raise RunError(
                f"No checkpoint in {self.directory} is whole; train anew into another "
                "--output."
            )
        return None

    def _all(self) -> list[Path]:
        # By number: from epoch 10000 on the names no longer sort by themselves.
        return sorted(
            self.directory.glob("epoch-*-step-*.npz"),
            key=lambda path: tuple(map(int, path.stem.split("-")[1::2])),
        )


def _read(path: Path) -> State:
    # numpy would leave a file that it opens itself open when it is damaged.
    with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
        held = {name: file[name] for name in file.files}
    progress = Progress(**json.loads(held.pop("progress").tobytes()))
    arrays = {"variables": [], "best": []}
    for name, array in held.items():
        arrays[name.partition("/")[0]].append(array)
    return State(progress, **arrays)


def read_variables(variables: list[keras.Variable]) -> list[np.ndarray]:
    """Copies the values of variables to the host."""
    return [np.array(keras.ops.convert_to_numpy(v)) for v in variables]


def write_variables(variables: list[keras.Variable], values: list[np.ndarray]) -> None:
    """Gives variables their values.

    Raises:
        RunError: If there are not as many, or of other shapes.
    """
    shapes = [tuple(v.shape) for v in variables]
    if shapes != [value.shape for value in values]:
        raise RunError(
            "The checkpoint is of another model: its variables have other shapes; "
            "give another --output."
        )
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def are_finite(values: Sequence[np.ndarray]) -> bool:
    """Tells whether no value is NaN or infinite."""
    return all(np.isfinite(value).all() for value in values)
