"""Summaries of run folders, and how their configurations differ.

Nothing heavy is imported, so that listing runs is instant.
"""

import dataclasses
import math
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from zoo.errors import RunError
from zoo.machines.process import is_alive
from zoo.runs.reading import read_config, read_history, read_metrics, read_timings

RUNS = Path("runs")
RUN_FILES = {
    "config.json",
    "history.csv",
    "metrics.json",
    "model.keras",
    "checkpoints",
}
# Entries that differ between any two runs.
_UNIQUE = {"command", "process", "earlier_sessions", "labels", "checksum"}


@dataclasses.dataclass(frozen=True)
class Summary:
    """The summary of a run folder.

    Args:
        directory: The folder.
        name: Of the model.
        dataset: What it is trained on.
        state: `running`, `finished`, `interrupted`, `diverged`, or `unfinished` where
            it was started on another machine, which cannot be asked.
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
    config = read_config(directory)
    timings = read_timings(directory / "timings.json")
    rows = read_history(directory)
    monitor = config["monitor"]
    without = [number for number, row in enumerate(rows, 1) if monitor not in row]
    if without:
        raise RunError(
            f"{directory / 'history.csv'} is damaged (epoch {without[0]} has no "
            f"{monitor}); remove it, and resume the run, which writes it anew."
        )
    mode = config["mode"]
    is_finished = (directory / "metrics.json").exists()
    return Summary(
        directory=directory,
        name=config["name"],
        dataset=config["dataset"],
        state=_state(config["process"], timings["sessions"][-1]["state"]),
        epochs=len(rows),
        asked=config["recipe"]["epochs"],
        monitor=monitor,
        mode=mode,
        best=best_of((row[monitor] for row in rows), mode),
        metrics=read_metrics(directory) if is_finished else {},
        seconds=timings["total"]["seconds"]["total"],
        steps_per_second=timings["total"].get("steps_per_second"),
        peak_memory_bytes=timings["total"].get("peak_memory_bytes", 0),
        started=timings["sessions"][0]["started"],
        config=config,
    )


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
        if RUN_FILES & {*folders, *files}:
            found.append(Path(path))
            folders.clear()
    return sorted(found, key=_natural)


def _natural(path: Path) -> list[tuple[bool, int, str]]:
    return [(p.isdecimal(), int(p) if p.isdecimal() else 0, p) for p in path.parts]


def history(directory: Path) -> dict[str, list[float]]:
    """Reads the metrics of each epoch from a run folder; empty before the first.

    An epoch that lacks a metric has NaN in its place.

    Raises:
        RunError: If they are damaged.
    """
    rows = read_history(directory)
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name, math.nan) for row in rows] for name in names}


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
