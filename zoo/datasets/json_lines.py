"""Records in JSON: an object a line, or an array of objects."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from zoo import bounds
from zoo.datasets import text_file
from zoo.datasets.charset import read_lines
from zoo.datasets.column import Column
from zoo.datasets.dataset import Dataset
from zoo.datasets.dataset_type import register_file_type
from zoo.datasets.finding import Finding, listed
from zoo.datasets.nested import flattened
from zoo.datasets.table import Table
from zoo.datasets.table_dataset import table_dataset
from zoo.datasets.table_roles import ROLES, TASKS, with_categories
from zoo.datasets.text_form import LABEL_NAMES
from zoo.errors import DatasetError

_SUFFIXES = (".jsonl", ".ndjson", ".json", ".jsonl.gz", ".ndjson.gz", ".json.gz")
_MOST_EMPTY = 50  # cells of the table for each that is filled
_FEW_CELLS = 100_000
_TAGS = ("tags", "ner_tags", "pos_tags", "labels")  # of the tokens in `tokens`
_BETWEEN = ";"  # labels of a text


def columns(path: str | Path, charset: str | None = None, **roles: Any) -> list[Column]:
    """Describes the fields of the records, whatever their roles."""
    records = _read({"train": Path(path)}, charset)
    if _tags_of(records.objects) is not None:
        return []
    return with_categories(_table(Path(path), records), roles).columns


@register_file_type(
    "json",
    *_SUFFIXES,
    help="a .jsonl or .json file of records",
    options=("charset", *ROLES),
    tasks=TASKS,
    columns=columns,
)
def load(path: Path, charset: str | None = None, **roles: Any) -> Dataset:
    """Loads objects with a field for each column: `{"text": "...", "label": "..."}`.

    They are a table, see `table_dataset`, or sentences, where each has `tokens` and as
    many `tags`. The fields of objects within them are columns called `outer.inner`.

    Args:
        path: The file.
        charset: Its character encoding; UTF-8 if None.
        roles: Task, target, features and what to ignore.

    Raises:
        DatasetError: If it is not such a file.
    """
    return load_splits(str(path), {"train": path}, charset, **roles)


def load_splits(
    name: str, files: Mapping[str, Path], charset: str | None = None, **roles: Any
) -> Dataset:
    """Loads a file for each split; those that are missing are drawn from `train`.

    Args:
        name: Of the dataset.
        files: By split.
        charset: As for `load`.
        roles: As for `load`.

    Raises:
        DatasetError: As for `load`.
    """
    records = _read(files, charset)
    tags = _tags_of(records.objects)
    if tags is not None:
        return _sentences(name, records, tags)
    table = _table(Path(name), records)
    if len(files) == 1:
        table = dataclasses.replace(table, parts=())
    return table_dataset(table, **roles)


@dataclasses.dataclass(frozen=True)
class _Records:
    """Objects, where each stands in its file, and its split."""

    objects: list[dict[str, Any]]
    lines: list[int]
    parts: list[str]


def _read(files: Mapping[str, Path], charset: str | None) -> _Records:
    records = _Records([], [], [])
    for part, path in files.items():
        found = _objects(path, read_lines(path, charset))
        records.objects.extend(each for _, each in found)
        records.lines.extend(line for line, _ in found)
        records.parts.extend([part] * len(found))
    return records


def _table(path: Path, records: _Records) -> Table:
    objects = records.objects
    fields = list(dict.fromkeys(key for each in objects for key in each))
    cells = sum(map(len, objects))
    if len(fields) * len(objects) > _MOST_EMPTY * cells + _FEW_CELLS:
        raise DatasetError(
            f"{path} holds {len(fields):,} fields, each in few of its {len(objects):,} "
            "objects; write the same fields in all."
        )
    held = {field: [each.get(field) for each in objects] for field in fields}
    held = {k: _joined(v) if k.lower() in LABEL_NAMES else v for k, v in held.items()}
    nested = [k for k, v in held.items() if any(isinstance(c, list) for c in v)]
    flat = {k: list(map(_text, v)) for k, v in held.items() if k not in nested}
    if len(flat) < 2 and nested:
        raise DatasetError(
            f"{path}: {listed(nested)} hold{'s' * (len(nested) == 1)} lists, of which "
            "no table is made; write a number or a text into each field."
        )
    findings = ()
    if nested:
        verb = "holds" if len(nested) == 1 else "hold"
        what = f"{listed(nested)} {verb} lists: left out"
        findings = (Finding("nested", what, level="warning"),)
    rows = [list(row) for row in zip(*flat.values(), strict=True)]
    table = Table(path, list(flat), rows, records.lines, findings=findings)
    return dataclasses.replace(table, parts=records.parts)


def _joined(values: list[Any]) -> list[Any]:
    """Returns lists of labels as a table has them: `a;b`."""
    given = [value for value in values if value is not None]
    are_lists = all(
        isinstance(each, list)
        and all(isinstance(label, str) and _BETWEEN not in label for label in each)
        for each in given
    )
    if not given or not are_lists:
        return values
    return [None if value is None else _BETWEEN.join(value) for value in values]


def _tags_of(objects: Sequence[Mapping[str, Any]]) -> str | None:
    """Returns the field of the tags of tokens; None where objects are no sentences."""
    return next(
        (k for k in _TAGS if all(_is_tagged(each, k) for each in objects)), None
    )


def _is_tagged(item: Mapping[str, Any], tags: str) -> bool:
    both = item.get("tokens"), item.get(tags)
    return all(isinstance(each, list) for each in both)


def _sentences(name: str, records: _Records, tags: str) -> Dataset:
    splits: dict[str, text_file.Tagged] = {}
    triples = zip(records.parts, records.lines, records.objects, strict=True)
    for part, line, item in triples:
        tokens, found = (list(map(str, item[key])) for key in ("tokens", tags))
        if len(tokens) != len(found):
            raise DatasetError(
                f"{name}, line {line} holds {len(tokens)} tokens and {len(found)} "
                f"{tags}; write one for each."
            )
        sentences = splits.setdefault(part, ([], []))
        sentences[0].append(tokens)  # pyright: ignore
        sentences[1].append(found)  # pyright: ignore
    data = text_file.tagged(name, **splits)
    what = f"{len(records.objects):,} sentences of tokens, their tags in {tags!r}"
    return dataclasses.replace(data, findings=(Finding("text_kind", what),))


def _objects(path: Path, lines: list[str]) -> list[tuple[int, dict[str, Any]]]:
    """Returns objects with the line of each, or its number in an array."""
    start = next((line.strip() for line in lines if line.strip()), "")
    is_whole = start[:1] == "[" or start == "{"
    if is_whole:
        whole = _parsed(path, 1, "\n".join(lines))
        found = list(enumerate(whole if isinstance(whole, list) else [whole], 1))
    else:
        found = [
            (number, _parsed(path, number, line))
            for number, line in enumerate(lines, 1)
            if line.strip()
        ]
    is_one = len(found) == 1
    if not found or is_one or not all(isinstance(each, dict) for _, each in found):
        one = f", and holds one with {_named(found[0][1])}" if is_one else ""
        raise DatasetError(
            f"{path} must hold an object in each line, or an array of objects, such as "
            f'{{"text": "a good film", "label": "pos"}}{one}; pandas writes them by '
            "to_json(path, orient='records')."
        )
    return [(number, _flattened(path, number, each)) for number, each in found]


def _flattened(path: Path, number: int, item: dict[str, Any]) -> dict[str, Any]:
    try:
        return flattened(item)
    except DatasetError as error:
        raise DatasetError(f"{path}, line {number}: {error}") from error


def _named(item: Any) -> str:
    return listed(list(item)) if isinstance(item, dict) else f"{item!r:.40}"


def _parsed(path: Path, number: int, text: str) -> Any:
    try:
        return bounds.parse_json(text)
    except ValueError as error:
        raise DatasetError(f"{path}, line {number} is not JSON: {error}.") from error


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value.strip() if isinstance(value, str) else json.dumps(value)
