"""Texts with labels in JSON: an object a line, or an array of objects."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from zoo import bounds
from zoo.datasets import text_table
from zoo.datasets.charset import read_lines
from zoo.datasets.dataset import Dataset
from zoo.datasets.dataset_type import register_file_type
from zoo.errors import DatasetError

_SUFFIXES = (".jsonl", ".ndjson", ".json", ".jsonl.gz", ".ndjson.gz", ".json.gz")
_MOST_EMPTY = 50  # cells of the table for each that is filled
_FEW_CELLS = 100_000


@register_file_type(
    "json",
    *_SUFFIXES,
    help="a .jsonl or .json file of texts and labels",
    options=("charset", "target"),
)
def load(path: Path, charset: str | None = None, target: Sequence[str] = ()) -> Dataset:
    """Loads objects with a text and a label each: `{"text": "...", "label": "..."}`.

    Args:
        path: The file.
        charset: Its character encoding; UTF-8 if None.
        target: Name of the field of labels; found if None.

    Raises:
        DatasetError: If it is not such a file.
    """
    return load_splits(str(path), {"train": path}, charset, target)


def load_splits(
    name: str,
    files: Mapping[str, Path],
    charset: str | None = None,
    target: Sequence[str] = (),
) -> Dataset:
    """Loads a file for each split; those that are missing are drawn from `train`.

    Args:
        name: Of the dataset.
        files: By split.
        charset: As for `load`.
        target: As for `load`.

    Raises:
        DatasetError: As for `load`.
    """
    objects, parts = [], []
    for part, path in files.items():
        found = _objects(path, read_lines(path, charset))
        objects += found
        parts += [part] * len(found)
    fields = list(dict.fromkeys(key for each in objects for key in each))
    cells = sum(map(len, objects))
    if len(fields) * len(objects) > _MOST_EMPTY * cells + _FEW_CELLS:
        raise DatasetError(
            f"{name} holds {len(fields):,} fields, each in few of its {len(objects):,} "
            "objects; write the text and the label of all in fields of the same names."
        )
    columns = {
        field: [_text(each.get(field)) for each in objects]
        for field in fields
        if not any(isinstance(each.get(field), dict | list) for each in objects)
    }
    if len(target) > 1:
        raise DatasetError(
            f"{name}: texts have one field of labels; name one as the target."
        )
    unknown = [each for each in target if each not in columns]
    if unknown:
        raise DatasetError(
            f"{name} has no field {unknown[0]!r}; it has {', '.join(fields)}."
        )
    text = text_table.find_text(columns, target)
    if text is None:
        raise DatasetError(
            f"{name}: which field is the text? It has {', '.join(fields)}; call it "
            "text, or write a .csv table of measurements."
        )
    return text_table.load(name, columns, text, *target, parts=parts)


def _objects(path: Path, lines: list[str]) -> list[dict[str, Any]]:
    if lines[0].lstrip().startswith("["):
        found = _parsed(path, 1, "\n".join(lines))
    else:
        found = [
            _parsed(path, number, line)
            for number, line in enumerate(lines, 1)
            if line.strip()
        ]
    if not found or not all(isinstance(each, dict) for each in found):
        raise DatasetError(
            f"{path} must hold an object in each line, or an array of objects, such as "
            '{"text": "a good film", "label": "pos"}.'
        )
    return found


def _parsed(path: Path, number: int, text: str) -> Any:
    try:
        return bounds.parse_json(text)
    except ValueError as error:
        raise DatasetError(f"{path}, line {number} is not JSON: {error}.") from error


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)
