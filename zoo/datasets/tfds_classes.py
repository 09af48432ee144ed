"""Which classes the files of a TFDS set name; TFDS imports whatever they say."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from zoo.bounds import parse_json, read_bytes
from zoo.datasets.tfds_files import LEAST_RECORD
from zoo.errors import DatasetError

_KEYS = ("pythonClassName", "python_class_name", "type")
_TRUSTED = "tensorflow_datasets."


def check_classes(folder: Path) -> None:
    """Checks that the features of a set are TFDS' own, before TFDS reads them.

    Args:
        folder: Of the set, with its configurations and versions.

    Raises:
        DatasetError: If a `features.json` names another class, or is no JSON.
    """
    for path in sorted(folder.rglob("features.json")):
        try:
            content = parse_json(read_bytes(path))
            names = list(_names(content))
        except (OSError, ValueError) as error:
            raise DatasetError(
                f"{path} is damaged; prepare the set again. ({error})"
            ) from error
        for name in names:
            if not name.startswith(_TRUSTED):
                raise DatasetError(
                    f"{path} names the class {name!r}, which is not one of TFDS; a set "
                    "with such features is not read."
                )


def check_names(folder: Path) -> None:
    """Checks that no more classes have names than there can be examples.

    TFDS holds all names twice, before their number can be asked.

    Args:
        folder: Of the set, with its configurations and versions.

    Raises:
        DatasetError: If a file names more.
    """
    for path in sorted(folder.rglob("*.labels.txt")):
        names = read_bytes(path).count(b"\n") if path.is_file() else 0
        files = (each for each in path.parent.iterdir() if each.is_file())
        held = sum(f.stat().st_size for f in files if f.suffix not in (".json", ".txt"))
        if names > held // LEAST_RECORD:
            raise DatasetError(
                f"{path} names {names:,} classes, more than the files beside it have "
                "examples; prepare the set again."
            )


def class_names(name: str, label: Any, samples: int) -> tuple[str, ...]:
    """Returns the names of the classes of a set.

    Args:
        name: Of the set.
        label: Its feature of class labels.
        samples: Of its training split.

    Raises:
        DatasetError: If there are more classes than samples, or than names.
    """
    if label.num_classes > max(2, samples):
        raise DatasetError(
            f"TFDS set {name!r} says that it has {label.num_classes:,} classes but has "
            f"{samples:,} samples, and each class needs one."
        )
    names = tuple(label.names)
    if len(names) != label.num_classes:
        raise DatasetError(
            f"TFDS set {name!r} says that it has {label.num_classes:,} classes but "
            f"names {len(names):,}; prepare the set again."
        )
    return names


def _names(content: Any) -> Iterator[str]:
    if isinstance(content, list):
        for each in content:
            yield from _names(each)
    if not isinstance(content, dict):
        return
    for key, value in content.items():
        if key in _KEYS and isinstance(value, str) and "." in value:
            yield value
        elif key == "json" and isinstance(value, str):
            yield from _names(parse_json(value))
        else:
            yield from _names(value)
