"""Reads the files of a run folder, which a disk or an editor may have damaged.

Nothing heavy is imported, so that listing runs is instant.
"""

import csv
import io
from pathlib import Path
from typing import Any

from zoo.bounds import parse_json, read_bytes
from zoo.errors import RunError

# Entries that are read, with their types. Runs of earlier versions lack some.
_NEEDED = {
    **{"name": str, "task": str, "dataset": str, "recipe": dict, "arguments": dict},
    **{"command": str, "devices": str, "versions": dict},
    **{"labels": list, "vocabulary": dict | None, "process": dict, "monitor": str},
    "mode": str,
}
_OPTIONAL: dict[str, Any] = {
    **{"earlier_sessions": list, "imports": list, "own_model": dict, "data": dict},
    "inputs": dict | None,
    "largest_pixel": int | float | None,
    "targets": list,
    "architecture": str,
    "checksum": str,
    "backend": str,
}
_INPUTS = {"mean": list, "deviation": list}
_RECIPE = {"encoding": dict, "epochs": int}
_VOCABULARY = {"tokens": list, "suffix": int}
_SESSION = {
    **{"state": str, "started": str, "seconds": dict, "steps": int},
    **{"steps_per_second": float | None, "peak_memory_bytes": int},
}
_SECONDS: dict[str, Any] = dict.fromkeys(
    ("training", "validation", "saving", "total"), int | float
)
_TRAINING = {"samples": int, "metrics": dict}
_WRITTEN_ANEW = "resume the run, which writes it anew"
_NAMES = {str: "text", dict: "object", list: "list", int: "number"}


def read_config(directory: Path) -> dict[str, Any]:
    """Reads the `config.json` of a run folder.

    Raises:
        RunError: If there is none or it is damaged.
    """
    path = directory / "config.json"
    config = _read_object(path, "train again")
    optional = {key: kind for key, kind in _OPTIONAL.items() if key in config}
    wrong = _wrong(config, _NEEDED | optional, "") or _wrong(
        config["recipe"], _RECIPE, "recipe."
    )
    if not wrong and config["vocabulary"] is not None:
        wrong = _wrong(config["vocabulary"], _VOCABULARY, "vocabulary.")
    if not wrong and config.get("inputs") is not None:
        wrong = _wrong(config["inputs"], _INPUTS, "inputs.")
    if wrong:
        raise RunError(f"{path} is damaged ({wrong}); train again.")
    return config


def read_metrics(directory: Path) -> dict[str, float]:
    """Reads the test metrics of a run folder.

    Raises:
        RunError: If there are none or they are damaged.
    """
    path = directory / "metrics.json"
    metrics = _read_object(path, _WRITTEN_ANEW)
    metrics.pop("details", None)
    for name, value in metrics.items():
        if not isinstance(value, int | float):
            raise RunError(
                f"{path} is damaged ({name!r} is no number); {_WRITTEN_ANEW}."
            )
    return metrics


def read_details(directory: Path) -> dict[str, Any]:
    """Reads the details of the test metrics of a run folder, where it has some.

    Raises:
        RunError: If there are no test metrics or they are damaged.
    """
    path = directory / "metrics.json"
    details = _read_object(path, _WRITTEN_ANEW).get("details", {})
    if not isinstance(details, dict):
        raise RunError(f"{path} is damaged (`details` is no object); {_WRITTEN_ANEW}.")
    seen = details.get("training")
    if seen is not None:
        wrong = _wrong({"training": seen}, {"training": dict}, "details.")
        wrong = wrong or _wrong(seen, _TRAINING, "details.training.")
        numbers = dict.fromkeys({} if wrong else seen["metrics"], int | float)
        wrong = wrong or _wrong(seen["metrics"], numbers, "details.training.metrics.")
        if wrong:
            raise RunError(f"{path} is damaged ({wrong}); {_WRITTEN_ANEW}.")
    return details


def read_timings(path: Path) -> dict[str, Any]:
    """Reads a `timings.json`: the `sessions` of a run, and their `total`.

    Raises:
        RunError: If there is none or it is damaged.
    """
    remedy = "remove it, and resume the run, which writes it anew"
    timings = _read_object(path, remedy)
    wrong = _wrong(timings, {"sessions": list, "total": dict}, "")
    wrong = wrong or _wrong(timings["total"], {"seconds": dict}, "total.")
    wrong = wrong or _wrong(timings["total"]["seconds"], _SECONDS, "total.seconds.")
    if not wrong and not timings["sessions"]:
        wrong = "there is no session"
    for session in () if wrong else timings["sessions"]:
        wrong = wrong or _wrong_session(session)
    if wrong:
        raise RunError(f"{path} is damaged ({wrong}); {remedy}.")
    return timings


def read_history(directory: Path) -> list[dict[str, float]]:
    """Reads the metrics of each epoch; a metric may be missing in some epochs.

    Raises:
        RunError: If `history.csv` is damaged.
    """
    path = directory / "history.csv"
    if not (path.exists() or path.is_symlink()):
        return []
    try:
        text = read_bytes(path).decode("utf-8")
        lines = list(csv.DictReader(io.StringIO(text, newline="")))
        rows = [_metrics(line, number) for number, line in enumerate(lines, 1)]
    except OSError as error:
        raise RunError(f"{path} cannot be read ({error.strerror}); {_ANEW}") from error
    except (ValueError, csv.Error) as error:
        raise RunError(f"{path} is damaged ({error}); {_ANEW}") from error
    return rows


_ANEW = "remove it, and resume the run, which writes it anew."


def _metrics(line: dict[Any, Any], number: int) -> dict[str, float]:
    """The metrics in a line; `csv` puts what is too much under the key None."""
    if None in line or None in line.values():
        raise ValueError(f"epoch {number} has more or fewer columns than the header")
    if line.get("epoch") != str(number):
        raise ValueError(f"there is no line of epoch {number} in its place")
    return {k: float(v) for k, v in line.items() if v and k != "epoch"}


def _read_object(path: Path, remedy: str) -> dict[str, Any]:
    try:
        held = parse_json(read_bytes(path))
    except FileNotFoundError as error:
        raise RunError(_missing(path, remedy)) from error
    except OSError as error:
        raise RunError(
            f"{path} cannot be read ({error.strerror}); {remedy}."
        ) from error
    except ValueError as error:
        raise RunError(f"{path} is damaged ({error}); {remedy}.") from error
    if not isinstance(held, dict):
        raise RunError(f"{path} is damaged (it holds no object); {remedy}.")
    return held


def _missing(path: Path, remedy: str) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"There is no run folder {folder}; `zoo runs` lists them all."
    runs = sorted(each.parent for each in folder.glob("*/config.json"))
    if runs and path.name == "config.json":
        return (
            f"{folder} is no run folder, but holds some: give one, such as {runs[-1]}."
        )
    return f"{folder} is damaged or not a run folder: no {path.name}; {remedy}."


def _wrong_session(session: Any) -> str:
    if not isinstance(session, dict):
        return "a session is no object"
    wrong = _wrong(session, _SESSION, "sessions.")
    return wrong or _wrong(session["seconds"], _SECONDS, "sessions.seconds.")


def _wrong(held: dict[str, Any], kinds: dict[str, Any], prefix: str) -> str:
    """Says which entry is missing or of another type; nothing if all are right."""
    missing = sorted(kinds.keys() - held.keys())
    if missing:
        return f"it lacks '{prefix}{missing[0]}'"
    for key, kind in kinds.items():
        if not isinstance(held[key], kind):
            return f"`{prefix}{key}` is no {_NAMES.get(kind, 'object')}"
    return ""
