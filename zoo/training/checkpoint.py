"""Checkpoints: written whole or not at all, the last one and the best one kept."""

import dataclasses
import json
import math
import shutil
import zipfile
from pathlib import Path
from typing import Any

import keras
import numpy as np

from zoo.errors import RunError
from zoo.files import replacing


@dataclasses.dataclass
class Progress:
    """How far a run has come.

    Args:
        history: One row of figures for each finished epoch.
        best_epoch: The epoch, from 1, with the best monitored figure.
        best: That figure.
    """

    history: list[dict[str, float]] = dataclasses.field(default_factory=list)
    best_epoch: int = 0
    best: float | None = None

    @property
    def epoch(self) -> int:
        """Number of finished epochs."""
        return len(self.history)


class Checkpoints:
    """The `checkpoints/` folder of a run: `epoch-0001/`, `epoch-0002/`, ...

    Each holds the weights with the optimizer's state, the state of the random
    generators (dropout's), and the progress. A folder is written beside and
    renamed, so what is there is complete.

    Args:
        directory: The folder; it is made when the first one is saved.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def path(self, epoch: int) -> Path:
        """Where the checkpoint after that epoch is."""
        return self.directory / f"epoch-{epoch:04d}"

    def save(self, model: keras.Model, progress: Progress) -> None:
        """Writes a checkpoint and drops those that are neither last nor best."""
        with replacing(self.path(progress.epoch)) as folder:
            folder.mkdir()
            model.save_weights(folder / "model.weights.h5")
            np.savez(folder / "random.npz", *map(np.asarray, _random_states(model)))
            state = json.dumps(dataclasses.asdict(progress))
            (folder / "progress.json").write_text(state)
        kept = {self.path(progress.epoch), self.path(progress.best_epoch)}
        for old in set(self.directory.glob("epoch-*")) - kept:
            shutil.rmtree(old)

    def latest(self) -> Progress:
        """Reads the progress of the last checkpoint; none made without one."""
        # By number: from epoch 10000 on the names no longer sort by themselves.
        folders = sorted(
            self.directory.glob("epoch-*"), key=lambda p: int(p.name.split("-")[1])
        )
        if not folders:
            return Progress()
        try:
            state = json.loads((folders[-1] / "progress.json").read_text())
            return Progress(**state)
        except (OSError, ValueError, TypeError) as error:
            raise RunError(
                f"Checkpoint {folders[-1]} is damaged; remove it to go on from the "
                f"one before. ({error})"
            ) from error

    def load(self, model: keras.Model, epoch: int) -> None:
        """Puts a compiled model into the state that it had after that epoch."""
        folder = self.path(epoch)
        try:
            model.load_weights(folder / "model.weights.h5")
            with (folder / "random.npz").open("rb") as raw, np.load(raw) as states:
                for variable, key in zip(
                    _random_states(model), states.files, strict=True
                ):
                    variable.assign(states[key])
        except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
            raise RunError(
                f"Checkpoint {folder} is damaged or of another model; remove it to "
                f"go on from the one before. ({error})"
            ) from error


def _random_states(model: keras.Model) -> list[keras.Variable]:
    # Keras counts them among the variables but does not save them.
    weights = {id(weight) for weight in model.weights}
    return [v for v in model.variables if id(v) not in weights]


class KeepCheckpoints(keras.callbacks.Callback):
    """Saves a checkpoint after each epoch and stops when the loss is not finite.

    Args:
        checkpoints: Where they go.
        progress: Of the run so far; the callback adds to it.
        monitor: The figure that tells which epoch is best: the lowest where it is
            a loss, else the highest.
    """

    def __init__(
        self, checkpoints: Checkpoints, progress: Progress, *, monitor: str
    ) -> None:
        super().__init__()
        self.checkpoints = checkpoints
        self.progress = progress
        self.monitor = monitor
        self.sign = -1 if monitor.endswith("loss") else 1

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Takes the figures of the epoch and saves."""
        row = {name: float(value) for name, value in (logs or {}).items()}
        if not math.isfinite(row["loss"]):
            raise RunError(
                f"The loss became {row['loss']} in epoch {epoch + 1}; the checkpoint "
                "of the epoch before is kept. Try a smaller learning rate."
            )
        progress = self.progress
        progress.history.append(row)
        value = row[self.monitor]
        # Of equals the later one: it has been trained longer.
        if progress.best is None or self.sign * value >= self.sign * progress.best:
            progress.best, progress.best_epoch = value, epoch + 1
        self.checkpoints.save(self.model, progress)
