"""A table of measurements in a CSV file, perhaps compressed with gzip."""

from pathlib import Path

import numpy as np

from zoo.datasets import series
from zoo.datasets.dataset import Dataset, Split, make_dataset
from zoo.datasets.dataset_type import register_file_type
from zoo.datasets.table import SUFFIXES, read_table
from zoo.errors import DatasetError

_LABELS = ("label", "class", "target", "species", "y")


@register_file_type("csv", *SUFFIXES, help="a .csv table", options=("charset",))
def load(path: Path, charset: str | None = None) -> Dataset:
    """Loads a CSV file with a header: measurements, and a label in one column.

    A file of one column is a series, see `series.column`.

    The column of labels is called `label`, `class`, `target`, `species` or `y`; it is
    the last one where none is. All others hold numbers.

    Raises:
        DatasetError: If it is not a table, a measurement is not a number, or a label
            is missing.
    """
    table = read_table(path, charset)
    width = len(table.header)
    if width == 1:
        return series.column(path)
    column = _label_column(table.header)
    names = [row[column].strip() for row in table.rows]
    if "" in names:
        line = table.lines[names.index("")]
        raise DatasetError(
            f"{path}, line {line} has no label in the column "
            f"{table.header[column]!r}; fill it, or leave the row out."
        )
    labels = tuple(sorted(set(names), key=_number_or_name))
    places = {label: place for place, label in enumerate(labels)}
    y = np.array([places[name] for name in names])
    x = table.numbers([c for c in range(width) if c != column])
    return make_dataset(str(path), labels, Split(x.astype("float32"), y))


def _label_column(header: list[str]) -> int:
    found = [i for i, name in enumerate(header) if name.lower() in _LABELS]
    return found[0] if found else len(header) - 1


def _number_or_name(label: str) -> tuple[bool, float, str]:
    try:
        return False, float(label), label
    except ValueError:
        return True, 0.0, label
