"""Summaries of run folders, and how their configurations differ.

Nothing heavy is imported, so that listing runs is instant.
"""

import csv
import dataclasses
import json
import math
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from zoo.errors import RunError
from zoo.machines.process import is_alive

RUNS = Path("runs")
_RUN_FILES = {
    "config.json",
    "history.csv",
    "metrics.json",
    "model.keras",
    "checkpoints",
}
# Entries that differ between any two runs.
_UNIQUE = {"command", "process", "earlier_sessions", "labels"}


@dataclasses.dataclass(frozen=True)
class Summary:
    """The summary of a run folder.

    Args:
        directory: The folder.
        name: Of the model.
        dataset: What it is trained on.
        state: `running`, `finished`, `interrupted`, or `unfinished` where it was
            started on another machine, which cannot be asked.
        epochs: Finished epochs.
        asked: Epochs that were asked for.
        monitor: The validation metric that selects the best weights.
        mode: Whether it is minimized or maximized, `min` or `max`.
        best: Its best value; `None` before the first epoch.
        metrics: Test metrics; empty before the end.
        seconds: Wall time of all sessions.
        steps_per_second: Mean of all sessions.
        peak_memory_bytes: Maximum of all sessions.
        started: Date of the first session.
        config: Content of `config.json`.
    """

    directory: Path
    name: str
    dataset: str
    state: str
    epochs: int
    asked: int
    monitor: str
    mode: str
    best: float | None
    metrics: dict[str, float]
    seconds: float
    steps_per_second: float | None
    peak_memory_bytes: int
    started: str
    config: dict[str, Any]


def find(folder: Path) -> tuple[list[Summary], list[str]]:
    """Reads the run folders at and below a folder.

    Returns:
        Those that can be read, by path, and a sentence about each that cannot.
    """
    summaries, damaged = [], []
    for directory in run_folders(folder):
        try:
            summaries.append(summary(directory))
        except RunError as error:
            damaged.append(str(error))
    return summaries, damaged


def summary(directory: Path) -> Summary:
    """Reads a run folder.

    Raises:
        RunError: If it lacks something or is damaged.
    """
    try:
        config = json.loads((directory / "config.json").read_text())
        timings = json.loads((directory / "timings.json").read_text())
        metrics = directory / "metrics.json"
        rows = _rows(directory / "history.csv")
        monitor = config["monitor"]
        mode = config["mode"]
        return Summary(
            directory=directory,
            name=config["name"],
            dataset=config["dataset"],
            state=_state(config["process"], timings["sessions"][-1]["state"]),
            epochs=len(rows),
            asked=config["recipe"]["epochs"],
            monitor=monitor,
            mode=mode,
            best=best_of((float(row[monitor]) for row in rows), mode),
            metrics=json.loads(metrics.read_text()) if metrics.exists() else {},
            seconds=timings["total"]["seconds"]["total"],
            steps_per_second=timings["total"]["steps_per_second"],
            peak_memory_bytes=timings["total"]["peak_memory_bytes"],
            started=timings["sessions"][0]["started"],
            config=config,
        )
    except FileNotFoundError as error:
        missing = Path(error.filename).name
        raise RunError(f"{directory} is damaged: no {missing}.") from error
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise RunError(f"{directory} is damaged: {error!r}.") from error


def best_of(values: Iterable[float], mode: str) -> float | None:
    """Returns the best value of a metric; `None` if all are NaN, or there are none.

    Args:
        values: One for each epoch.
        mode: Whether it is minimized or maximized, `min` or `max`.

    Example:

    >>> best_of([float("nan"), 0.5, 0.25], "min")
    0.25
    """
    numbers = [value for value in values if not math.isnan(value)]
    return (min if mode == "min" else max)(numbers, default=None)


def is_running(directory: Path) -> bool:
    """Whether a process of this machine is training into a run folder."""
    try:
        return summary(directory).state == "running"
    except RunError:
        return False


def differences(summaries: Iterable[Summary]) -> dict[str, list[Any]]:
    """Returns the entries of the configs that are not the same in all runs.

    Returns:
        The value in each run, by a name such as `recipe.batch_size`; `None` where
        a run has no such entry.
    """
    flat = [dict(_flatten(s.config)) for s in summaries]
    names = dict.fromkeys(name for entries in flat for name in entries)
    values = {name: [entries.get(name) for entries in flat] for name in names}
    return {n: v for n, v in values.items() if any(value != v[0] for value in v)}


def run_folders(folder: Path) -> list[Path]:
    """Returns the run folders at and below a folder, in natural order."""
    found = []
    for path, folders, files in os.walk(folder):
        if _RUN_FILES & {*folders, *files}:
            found.append(Path(path))
            folders.clear()
    return sorted(found, key=_natural)


def _natural(path: Path) -> list[tuple[bool, int, str]]:
    return [(p.isdigit(), int(p) if p.isdigit() else 0, p) for p in path.parts]


def history(directory: Path) -> dict[str, list[float]]:
    """Reads the metrics of each epoch from a run folder; empty before the first."""
    rows = _rows(directory / "history.csv")
    names = [name for name in (rows[0] if rows else ()) if name != "epoch"]
    return {n: [float(row[n]) for row in rows if row[n]] for n in names}


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def _state(process: dict[str, Any], state: str) -> str:
    if state != "running":
        return state
    alive = is_alive(process)
    if alive is None:
        return "unfinished"
    return "running" if alive else "interrupted"


def _flatten(content: dict[str, Any], prefix: str = "") -> Iterable[tuple[str, Any]]:
    for key, value in content.items():
        if not prefix and key in _UNIQUE:
            continue
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
