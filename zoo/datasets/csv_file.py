"""A table of measurements in a CSV file; gzip too."""

import csv
from pathlib import Path

import numpy as np

from zoo.datasets import series
from zoo.datasets.dataset import Dataset, Split, make
from zoo.datasets.text_file import read_lines
from zoo.errors import DatasetError

SUFFIXES = (".csv", ".csv.gz")
_LABELS = ("label", "class", "target", "species", "y")


def load(path: Path) -> Dataset:
    """Loads a CSV file with a header: measurements, and a label in one column.

    A file of one column is a series, see `series.column`.

    The column of labels is called `label`, `class`, `target`, `species` or `y`; it is
    the last one where none is. All others hold numbers.

    Raises:
        DatasetError: If the file is damaged, a row has a column too many or too few,
            or a measurement is no number.
    """
    rows = [row for row in csv.reader(read_lines(path)) if row]
    if rows and len(rows[0]) == 1:
        return series.column(path)
    if len(rows) < 2 or len(rows[0]) < 2:
        raise DatasetError(
            f"{path} must hold a header, rows, and two columns or more: measurements "
            "and a label."
        )
    header, *rows = rows
    column = _label_column(header)
    for number, row in enumerate(rows, 2):
        if len(row) != len(header):
            raise DatasetError(
                f"{path}, row {number} has {len(row)} columns, the header "
                f"{len(header)}."
            )
    names = [row.pop(column) for row in rows]
    labels = tuple(sorted(set(names), key=_number_or_name))
    places = {label: place for place, label in enumerate(labels)}
    y = np.array([places[name] for name in names])
    return make(str(path), labels, Split(_numbers(path, header, rows), y))


def _label_column(header: list[str]) -> int:
    found = [i for i, name in enumerate(header) if name.strip().lower() in _LABELS]
    return found[0] if found else len(header) - 1


def _numbers(path: Path, header: list[str], rows: list[list[str]]) -> np.ndarray:
    try:
        return np.array(rows, "float32")
    except ValueError as error:
        raise DatasetError(
            f"{path}: a measurement is no number ({error}); the columns are "
            f"{', '.join(header)}, the label is in the one called `label`, or the last."
        ) from error


def _number_or_name(label: str) -> tuple[bool, float, str]:
    try:
        return False, float(label), label
    except ValueError:
        return True, 0.0, label
