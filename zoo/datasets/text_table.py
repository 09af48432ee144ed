"""A table with a column of texts and one of labels."""

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from zoo.datasets.column import is_called_identifier
from zoo.datasets.dataset import Dataset, Split
from zoo.datasets.finding import Finding
from zoo.datasets.label_sets import (
    indicators,
    make_multi_label_dataset,
    separator_of,
    split_labels,
)
from zoo.datasets.labelled_text import MISSING, Row, labelled, texts
from zoo.datasets.text_form import LABEL_NAMES, TEXT_NAMES
from zoo.errors import DatasetError

Columns = Mapping[str, Sequence[str]]  # the cells of each, by name, in their order
_WORDS = 3.0  # of a text, on average, at least
_WRONG = 0.1  # fraction of numbers in a column where the other cells are errors
_DIGITS = 18  # of a number that counts something
_DISTINCT = 0.5  # fraction of the texts that differ
_AMBIGUOUS = ("name", "title", "x", "type", "summary")  # of columns beside others


def find_text(columns: Columns, targets: Sequence[str] = ()) -> str | None:
    """Returns the name of the column of texts, None where a table is not of texts.

    A column is one by its name, such as `text`, `review` or `message`, or as the only
    one of several words that hardly repeat. A table with columns of numbers beside it,
    which are no counts of rows, is none: the texts are names of its rows.

    Args:
        columns: The table.
        targets: Names of the columns of labels or quantities, where they are known.

    Example:

    >>> find_text({"id": "1 2".split(), "text": ["a", "b"], "y": "p n".split()})
    'text'
    >>> find_text({"size": "1.5 2.5 3.1".split(), "y": "p n p".split()}) is None
    True
    """
    others = {k: cells for k, cells in columns.items() if k not in targets}
    texts = {k: c for k, c in others.items() if _numeric(c) < _WRONG and any(c)}
    named = [key for key in texts if key.strip().lower() in TEXT_NAMES]
    sure = [key for key in named if key.strip().lower() not in _AMBIGUOUS]
    if len(sure) == 1 and _repeats_least(sure[0], texts):
        return sure[0]
    measured = [k for k, c in others.items() if _are_numbers(c) and not _is_id(k, c)]
    labels = targets or [_named_label(columns)]
    if [key for key in measured if key not in labels]:
        return None
    long = [key for key, cells in texts.items() if are_texts(cells)]
    candidates = long or [key for key in named if key not in labels]
    return candidates[0] if len(candidates) == 1 and len(others) > 0 else None


def load(
    name: str,
    columns: Columns,
    text: str,
    target: str | None = None,
    *,
    parts: Sequence[str] = (),
) -> Dataset:
    """Makes a dataset of the texts in one column and the labels in another.

    Args:
        name: Of the dataset.
        columns: The table.
        text: Name of the column of texts.
        target: Name of the column of labels; found if None.
        parts: Split of each row; drawn if there are none.

    Raises:
        DatasetError: If no column holds labels, or several may.
    """
    label = target or find_label(name, columns, text)
    unused = [key for key in columns if key not in (text, label)]
    form = f", the text in {text!r}, the label in {label!r}"
    if unused:
        form += f", {', '.join(map(repr, unused))} not used"
    splits: dict[str, list[Row]] = {"train": []}
    rows = zip(columns[label], columns[text], strict=True)
    for part, row in zip(parts or itertools.repeat("train"), rows, strict=False):
        splits.setdefault(part, []).append(row)
    if separator_of(columns[label]) in (";", "|"):
        return _with_label_sets(name, splits, columns[label], form)
    return labelled(name, **splits, form=form)


def _with_label_sets(
    name: str, parts: Mapping[str, list[Row]], cells: Sequence[str], form: str
) -> Dataset:
    """Makes a dataset of texts with several labels each, separated by `;` or `|`."""
    separator = separator_of(cells)
    filled = {
        part: [(cell, line) for cell, line in rows if line.strip()]
        for part, rows in parts.items()
    }
    every = [row for rows in filled.values() for row in rows]
    labels = tuple(
        sorted({each for c, _ in every for each in split_labels(c, separator)})
    )
    splits: dict[str, Any] = {
        part: Split(
            texts([line for _, line in rows]),
            indicators([cell for cell, _ in rows], labels, separator),
        )
        for part, rows in filled.items()
    }
    data = make_multi_label_dataset(name, labels, **splits, test_share=0.1)
    what = f"{len(every):,} texts with labels separated by {separator!r}{form}"
    return dataclasses.replace(
        data, findings=(Finding("text_kind", what), *data.findings)
    )


def find_label(name: str, columns: Columns, text: str) -> str:
    """Returns the name of the column of labels, by its name or as the one that repeats.

    Args:
        name: Of the dataset.
        columns: The table.
        text: Name of the column of texts.

    Raises:
        DatasetError: If there is none, or several may be.
    """
    named = _named_label(columns)
    if named is not None and named != text:
        return named
    found = [
        key
        for key, cells in columns.items()
        if key != text and 1 < len(set(cells) - MISSING) <= max(2, len(cells) / 3)
    ]
    if len(found) == 1:
        return found[0]
    if not found:
        raise DatasetError(
            f"{name} has texts in {text!r}, and no column of labels: none has values "
            "that repeat; name it with --target."
        )
    choices = " or ".join(f"--target {key}" for key in found)
    raise DatasetError(
        f"{name} has texts in {text!r}; several columns may hold their labels: give "
        f"{choices}."
    )


def _named_label(columns: Columns) -> str | None:
    by_name = {key.strip().lower(): key for key in columns}
    return next((by_name[name] for name in LABEL_NAMES if name in by_name), None)


def _repeats_least(key: str, texts: Columns) -> bool:
    return _distinct(texts[key]) >= min(_DISTINCT, max(map(_distinct, texts.values())))


def are_texts(cells: Sequence[str]) -> bool:
    """Returns whether cells are of several words on average, and mostly differ."""
    words = sum(len(cell.split()) for cell in cells) / len(cells)
    return words >= _WORDS and _distinct(cells) >= _DISTINCT


def _distinct(cells: Sequence[str]) -> float:
    return len(set(cells)) / max(1, len(cells))


def _are_numbers(cells: Sequence[str]) -> bool:
    return _numeric(cells) == 1


def _numeric(cells: Sequence[str]) -> float:
    """Fraction of the cells that are numbers, of those that are not missing."""
    filled = [cell for cell in cells if cell.strip().lower() not in MISSING]
    return sum(map(_is_number, filled)) / len(filled) if filled else 1.0


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True


def _is_id(name: str, cells: Sequence[str]) -> bool:
    """Whole numbers, each another, that count something or are called so."""
    stripped = [cell.strip() for cell in cells]
    if _distinct(cells) < 1 or not all(
        cell.isdecimal() and len(cell) <= _DIGITS for cell in stripped
    ):
        return False
    numbers = list(map(int, stripped))
    return is_called_identifier(name) or max(numbers) - min(numbers) < len(numbers)
