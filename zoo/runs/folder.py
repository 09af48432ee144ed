"""The run folder: chosen, created, checked, read."""

import json
import shutil
from pathlib import Path
from typing import Any

from zoo.config import Recipe, Settings, option
from zoo.datasets.fingerprint import describe_changes
from zoo.errors import ArgumentError, RunError
from zoo.files import write_json
from zoo.runs.environment import SESSION, environment
from zoo.runs.summary import RUNS, is_running
from zoo.validation import fields_of, read_json

# Entries of a `config.json` that are read, with their types.
_NEEDED = {
    **{"name": str, "task": str, "dataset": str, "recipe": dict, "arguments": dict},
    "labels": list,
}
_OPTIONAL = {"earlier_sessions": list, "data": dict}
_NAMES = {str: "text", dict: "object", list: "list"}


def choose_folder(name: str, dataset: str, *, resume: bool) -> Path:
    """Returns `runs/<name>.<dataset>/<n>`: the next `n`, or the newest to resume."""
    base = RUNS / f"{name.partition('.')[0]}.{Path(dataset).stem}"
    newest = max((int(p.name) for p in base.glob("*") if p.name.isdigit()), default=0)
    return base / str(newest if resume and newest else newest + 1)


def open_folder(directory: Path, config: dict[str, Any], *, resume: bool) -> None:
    """Makes a run folder with its `config.json`, or checks the one to resume.

    Raises:
        RunError: If the folder holds something else, or a run that may not be
            continued with this configuration.
    """
    if (directory / "config.json").exists():
        if not resume:
            raise RunError(
                f"{directory} already holds a run; give --resume to continue it "
                "or another --output."
            )
        config = config | {"earlier_sessions": _sessions(directory, config)}
    elif directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise RunError(f"{directory} is not an empty folder; give another --output.")
    try:
        write_json(directory / "config.json", config | environment())
    except OSError as error:
        raise RunError(
            f"Cannot write to {directory}: {error.strerror}; give another --output."
        ) from error


def read_config(directory: Path) -> dict[str, Any]:
    """Reads the `config.json` of a run folder.

    Raises:
        RunError: If there is none or it is damaged.
    """
    config = _read(directory / "config.json")
    found = _damage(config)
    if found:
        raise RunError(
            f"{directory / 'config.json'} is damaged ({found}); train again."
        )
    return config


def _damage(config: dict[str, Any]) -> str:
    missing = _NEEDED.keys() - config.keys()
    if missing:
        return f"it lacks {min(missing)!r}"
    for key, kind in (_NEEDED | _OPTIONAL).items():
        if not isinstance(config.get(key, kind()), kind):
            return f"`{key}` is no {_NAMES[kind]}"
    return ""


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


def read_metrics(directory: Path) -> dict[str, float]:
    """Reads the test metrics of a run folder.

    Raises:
        RunError: If there are none or they are damaged.
    """
    return _read(directory / "metrics.json")


def _read(path: Path) -> dict[str, Any]:
    try:
        held = json.loads(path.read_text())
    except FileNotFoundError as error:
        raise RunError(f"{path.parent} is not a run folder: no {path.name}.") from error
    except ValueError as error:
        raise RunError(f"{path} is damaged ({error}); train again.") from error
    if not isinstance(held, dict):
        raise RunError(f"{path} is damaged (it holds no object); train again.")
    return held


def _sessions(directory: Path, config: dict[str, Any]) -> list[dict[str, Any]]:
    """Checks that a run can be resumed; returns the environments of its sessions."""
    if is_running(directory):
        raise RunError(
            f"{directory} is being trained by another process; wait for it or stop it."
        )
    old = read_config(directory)
    _check_same(directory, old, config)
    # Partial files of a killed process.
    for part in directory.rglob(".part-*"):
        shutil.rmtree(part)
    session = {key: old[key] for key in SESSION if key in old}
    return [*old.get("earlier_sessions", []), session]


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


def _comparable(config: dict[str, Any]) -> dict[str, Any]:
    """What a resumed run must have in common with the one that began."""
    settings = {key: config.get(key) for key in _fixed(Settings)}
    recipe = {key: config["recipe"].get(key) for key in _fixed(Recipe)}
    facts = {key: config.get(key) for key in ("name", "dataset", "arguments")}
    return facts | settings | recipe


def _fixed(kind: type) -> list[str]:
    return [key for key, field in fields_of(kind).items() if option(field).fixed]
