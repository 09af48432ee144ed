"""The run folder: chosen, created, checked, read."""

import contextlib
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras

from zoo.config import Recipe, Settings, option
from zoo.datasets.fingerprint import describe_changes
from zoo.errors import ArgumentError, RunError
from zoo.files import write_json
from zoo.reading import Reading
from zoo.runs.environment import SESSION, environment
from zoo.runs.reading import read_config
from zoo.runs.summary import RUN_FILES, RUNS, is_running
from zoo.validation import fields_of, read_json

# Files that file managers make.
_OF_THE_SYSTEM = {".DS_Store", "Thumbs.db", "desktop.ini"}


def choose_folder(name: str, dataset: str, *, resume: bool) -> Path:
    """Returns `runs/<name>.<dataset>/<n>`: the next `n`, or the newest to resume."""
    base = RUNS / f"{name.partition('.')[0]}.{Path(dataset).stem}"
    newest = max((int(p.name) for p in base.glob("*") if p.name.isdecimal()), default=0)
    return base / str(newest if resume and newest else newest + 1)


def new_folder(name: str, dataset: str) -> Path:
    """Makes the next folder `runs/<name>.<dataset>/<n>`, which no other process has.

    Raises:
        RunError: If it cannot be made.
    """
    while True:
        directory = choose_folder(name, dataset, resume=False)
        with _said(directory):
            try:
                directory.mkdir(parents=True)
            except FileExistsError:
                continue  # another process was faster
            return directory


@contextlib.contextmanager
def claimed(directory: Path) -> Iterator[None]:
    """Keeps other processes of this machine from training into a folder.

    The system ends the claim with the process, however that ends.

    Raises:
        RunError: If another one has it, or it cannot be made.
    """
    is_other = directory.is_symlink() or directory.exists()
    if sys.platform == "win32" or (is_other and not directory.is_dir()):
        yield  # what stands there instead of a folder is refused when it is opened
        return
    import fcntl

    with _said(directory):
        directory.mkdir(parents=True, exist_ok=True)
        handle = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise RunError(
            f"{directory} is being trained by another process; wait for it or stop it."
        ) from None
    except OSError:
        pass  # a file system without locks; `config.json` names the process, too
    try:
        yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def _said(directory: Path) -> Iterator[None]:
    """Says in one line that a folder cannot be written to."""
    try:
        yield
    except OSError as error:
        raise RunError(
            f"Cannot write to {directory}: {error.strerror}; give another --output."
        ) from error


def open_folder(directory: Path, config: dict[str, Any], *, resume: bool) -> None:
    """Makes a run folder with its `config.json`, or checks the one to resume.

    Raises:
        RunError: If the folder holds something else, or a run that may not be
            continued with this configuration.
    """
    path = directory / "config.json"
    if path.exists() or path.is_symlink():
        if not resume:
            raise RunError(
                f"{directory} already holds a run; give --resume to continue it "
                "or another --output."
            )
        config = config | {"earlier_sessions": _sessions(directory, config)}
    else:
        check_empty(directory)
    config = config | environment()
    with _said(directory):
        write_json(path, config | {"checksum": _checksum(config)})


def check_empty(directory: Path) -> None:
    """Checks that there is no such folder, or nothing in it but a system's files.

    Raises:
        RunError: If a new run cannot be put there.
    """
    if not directory.exists() and not directory.is_symlink():
        return
    if not directory.is_dir():
        raise RunError(f"{directory} is no folder; give another --output.")
    found = {path.name for path in directory.iterdir()}
    lost = sorted(RUN_FILES & found)
    if lost:
        raise RunError(
            f"{directory} holds the {lost[0]} of a run, but its config.json is gone, "
            "without which it cannot be resumed; restore it, or give another --output."
        )
    if not found <= _OF_THE_SYSTEM:
        raise RunError(f"{directory} is not an empty folder; give another --output.")


def write_metrics(
    directory: Path, metrics: dict[str, float], details: dict[str, Any]
) -> None:
    """Writes `metrics.json`: the metrics by name, and their `details` if any."""
    held = metrics | ({"details": details} if details else {})
    write_json(directory / "metrics.json", held)


def read_configuration(
    directory: Path, name: str | None
) -> tuple[Recipe | None, dict[str, Any]]:
    """Reads the recipe and the settings of a run.

    Args:
        directory: The run folder.
        name: Of the model; any without it.

    Returns:
        Both; neither where there is no run of this model.

    Raises:
        RunError: If `config.json` is damaged.
    """
    path = directory / "config.json"
    if not path.exists():
        return None, {}
    config = read_config(directory)
    if name is not None and config["name"] != name:
        return None, {}
    settings = {key: config[key] for key in fields_of(Settings) if key in config}
    try:
        recipe = read_json(Recipe, json.dumps(config["recipe"]))
        checked = read_json(Settings, json.dumps(settings))
    except ArgumentError as error:
        raise RunError(f"{path} is damaged: {error}; train again.") from error
    return recipe, {key: getattr(checked, key) for key in settings}


def _sessions(directory: Path, config: dict[str, Any]) -> list[dict[str, Any]]:
    """Checks that a run can be resumed; returns the environments of its sessions."""
    if is_running(directory):
        raise RunError(
            f"{directory} is being trained by another process; wait for it or stop it."
        )
    old = read_config(directory)
    if old.get("checksum", "") not in ("", _checksum(old)):
        raise RunError(
            f"{directory / 'config.json'} was edited: its options are no longer those "
            "that the run began with, and a resume would not follow all of them; undo "
            "that, or give another --output and --weights to start from."
        )
    _check_kinds(directory)
    _check_same(directory, old, config)
    # Partial files of a killed process.
    for part in directory.rglob(".part-*"):
        if part.is_dir() and not part.is_symlink():
            shutil.rmtree(part)
    session = {key: old[key] for key in SESSION if key in old}
    return [*old.get("earlier_sessions", []), session]


def _check_kinds(directory: Path) -> None:
    """Checks that files are files and folders are folders, before hours of training."""
    for name in ("history.csv", "timings.json", "metrics.json", "model.keras"):
        if (directory / name).is_dir():
            raise RunError(
                f"{directory / name} is a folder, where a file is to be written; move "
                "it away."
            )
    for name in ("checkpoints", "logs"):
        path = directory / name
        if (path.exists() or path.is_symlink()) and not path.is_dir():
            raise RunError(
                f"{path} is no folder, but files are to be written into it; move it "
                "away."
            )
        if path.is_dir() and not os.access(path, os.R_OK | os.W_OK | os.X_OK):
            raise RunError(f"{path} may not be written to; change its permissions.")
    for name in ("checkpoints", "logs", "logs/train", "logs/validation"):
        # Older checkpoints are deleted, perhaps those of another run.
        place = Path(os.path.realpath(directory / name))  # also of links in a circle
        if not place.is_relative_to(directory.resolve()):
            raise RunError(
                f"{directory / name} leads out of the run folder; put the folder "
                "itself there."
            )


def _check_same(directory: Path, config: dict[str, Any], asked: dict[str, Any]) -> None:
    old = _comparable(config)
    new = _comparable(json.loads(json.dumps(asked)))
    changed = [key for key in new if key in old and new[key] != old[key]]
    data = describe_changes(config.get("data", asked["data"]), asked["data"])
    # Other data may also make another model.
    if data and set(changed) <= {"arguments"}:
        raise RunError(
            f"{directory} holds a run on other data: {asked['dataset']} now has "
            f"{data}; give the data that the run began with, or another --output."
        )
    if changed:
        differences = ", ".join(
            f"{key} {old.get(key)!r}, not {new[key]!r}" for key in changed
        )
        raise RunError(
            f"{directory} holds a run with {differences}; ask for the same or give "
            "another --output."
        )
    _check_same_model(directory, config, asked)


def _check_same_model(
    directory: Path, config: dict[str, Any], asked: dict[str, Any]
) -> None:
    backend = keras.backend.backend()
    if config.get("backend", backend) != backend:
        raise RunError(
            f"{directory} holds a run on {config['backend']}, whose random generators "
            f"and checkpoints are others; set KERAS_BACKEND={config['backend']}, or "
            "give another --output."
        )
    # Another version of Keras may describe the same layers otherwise.
    is_same_keras = config["versions"].get("keras") == keras.__version__
    held, new = config.get("architecture"), asked.get("architecture")
    if is_same_keras and held is not None and held != new:
        raise RunError(
            f"{directory} holds a run of a model that is built otherwise: its layers, "
            "their arguments or their connections differ; give the model that the run "
            "began with, or another --output."
        )


def _checksum(config: dict[str, Any]) -> str:
    """A hash of what a resumed run may not change, of any version."""
    facts = ("name", "dataset", "arguments", *_fixed(Settings))
    changing = fields_of(Recipe).keys() - set(_fixed(Recipe))
    held = {key: config[key] for key in facts if key in config}
    held["recipe"] = {k: v for k, v in config["recipe"].items() if k not in changing}
    content = json.dumps(held, sort_keys=True, default=str)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def _comparable(config: dict[str, Any]) -> dict[str, Any]:
    """What a resumed run must have in common with the one that began."""
    settings = {key: config.get(key) for key in _fixed(Settings)}
    # A run of an earlier version lacks the options that came since.
    recipe = _since() | {
        key: config["recipe"][key] for key in _fixed(Recipe) if key in config["recipe"]
    }
    facts = {key: config.get(key) for key in ("name", "dataset", "arguments")}
    return facts | settings | recipe


def _since() -> dict[str, Any]:
    fields = fields_of(Reading)
    return json.loads(json.dumps({key: fields[key].default for key in fields}))


def _fixed(kind: type) -> list[str]:
    return [key for key, field in fields_of(kind).items() if option(field).fixed]
