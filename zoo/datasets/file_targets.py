"""What is to be learned of the samples of a table: classes, sets of labels, numbers."""

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from zoo.datasets.cells import is_missing
from zoo.datasets.column import Column
from zoo.datasets.dataset import Dataset, Split, make_dataset
from zoo.datasets.finding import Finding, flags, listed
from zoo.datasets.label_sets import (
    are_label_sets,
    indicators,
    make_multi_label_dataset,
    separator_of,
    split_labels,
)
from zoo.datasets.quantities import make_regression_dataset
from zoo.errors import DatasetError

TASKS = ("classification", "multi_label", "regression")
_CONTINUOUS = 20  # distinct whole numbers, of which more are no classes
_SEPARATORS = {";": "semicolons", "|": "bars", ",": "commas", None: "spaces"}

Splits = dict[str, Split]


@dataclasses.dataclass(frozen=True)
class Targets:
    """What is to be learned.

    Args:
        y: Of every row.
        known: The rows that have a target.
        what: What it is, for a sentence.
        make: Makes a dataset of a name and splits.
    """

    y: np.ndarray
    known: np.ndarray
    what: str
    make: Callable[[str, Splits], Dataset]

    @property
    def findings(self) -> Iterator[Finding]:
        """Yields a finding if rows have no target."""
        missing = len(self.y) - len(self.known)
        if missing:
            what = f"{missing:,} of {len(self.y):,} rows have no target: left out"
            yield Finding("missing_targets", what, level="warning")


def targets_of(
    path: Path, columns: Sequence[Column], task: str | None = None
) -> Targets:
    """Returns what columns hold.

    One column holds labels that `;`, `|`, commas or spaces separate, one label, or a
    number; several hold 1 where a sample has the label that they are called by, and 0
    elsewhere, or, for the task regression, numbers.

    Args:
        path: Of the table, for a message.
        columns: Those that are left for it.
        task: One of `TASKS`; what they look like if None.

    Raises:
        DatasetError: If they hold none of these, or others than the task takes.
    """
    if not columns:
        raise DatasetError(
            f"{path} names files, and no column says what is to be learned of them; "
            "for an autoencoder give the folder of the files instead."
        )
    are_flags = all(map(_is_flag, columns))
    if len(columns) > 1 and are_flags and task in (None, "multi_label"):
        return _flags(columns)
    if len(columns) > 1 and task == "regression":
        return _numbers(path, columns)
    if len(columns) > 1:
        names = [column.name for column in columns]
        choices = " or ".join(flags("target", [name]) for name in names[:3])
        raise DatasetError(
            f"{path}: which column is to be learned? {listed(names)} may be: give "
            f"{choices}; several columns of labels hold 0 and 1 only."
        )
    (column,) = columns
    if task == "multi_label" or (task is None and are_label_sets(column.cells)):
        return _sets(column)
    if task == "regression" or (task is None and _is_quantity(column)):
        return _numbers(path, columns)
    return _classes(column)


def _is_flag(column: Column) -> bool:
    return column.values is not None and bool(
        np.isin(column.values[~column.missing], (0, 1)).all()
    )


def _is_quantity(column: Column) -> bool:
    """Whether numbers are no classes: fractions, or many different ones."""
    if column.values is None or column.kind == "boolean":
        return False
    present = column.values[~column.missing]
    return column.distinct > _CONTINUOUS or bool((present != np.round(present)).any())


def _flags(columns: Sequence[Column]) -> Targets:
    labels = tuple(column.name for column in columns)
    y = np.stack([np.asarray(column.values) for column in columns], axis=1)
    known = np.flatnonzero(~np.isnan(y).any(axis=1))
    what = f"1 in the columns of their labels, {listed(list(labels))}"
    return Targets(y, known, what, _maker(make_multi_label_dataset, labels))


def _sets(column: Column) -> Targets:
    separator = separator_of(column.cells)
    found = {each for cell in column.cells for each in split_labels(cell, separator)}
    labels = tuple(sorted(found))
    y = indicators(column.cells, labels, separator)
    what = f"labels in {column.name!r}, separated by {_SEPARATORS[separator]}"
    make = _maker(make_multi_label_dataset, labels)
    return Targets(y, np.arange(len(y)), what, make)


def _numbers(path: Path, columns: Sequence[Column]) -> Targets:
    names = tuple(column.name for column in columns)
    for column in columns:
        if column.values is None:
            wrong = next(c for c in column.cells if not is_missing(c))
            raise DatasetError(
                f"{path}: column {column.name!r} holds other things than numbers, such "
                f"as {wrong!r}, so it is none to predict as a number."
            )
    y = np.stack([np.asarray(column.values) for column in columns], axis=1)
    known = np.flatnonzero(~np.isnan(y).any(axis=1))
    what = f"numbers to predict in {listed(list(names))}"
    return Targets(y, known, what, _maker(make_regression_dataset, names))


def _classes(column: Column) -> Targets:
    labels = tuple(sorted({c for c in column.cells if not is_missing(c)}))
    places = {label: place for place, label in enumerate(labels)}
    y = np.array([places.get(cell, -1) for cell in column.cells])
    what = f"classes in {column.name!r}"
    return Targets(y, np.flatnonzero(y >= 0), what, _maker(make_dataset, labels))


def _maker(
    make: Callable[..., Dataset], names: tuple[str, ...]
) -> Callable[[str, Splits], Dataset]:
    def of_splits(name: str, splits: Splits) -> Dataset:
        return make(
            name,
            names,
            splits["train"],
            splits.get("test"),
            splits.get("validation"),
        )

    return of_splits
