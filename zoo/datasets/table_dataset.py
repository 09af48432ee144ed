"""The dataset in a table: measurements or texts, and a label or quantities."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from zoo.datasets import text_table
from zoo.datasets.dataset import Dataset, make_dataset
from zoo.datasets.examined_table import ExaminedTable, examine
from zoo.datasets.input_column import InputColumn, encode_rows
from zoo.datasets.quantities import make_regression_dataset
from zoo.datasets.table import Table
from zoo.datasets.table_columns import fitted, input_column
from zoo.errors import DatasetError


def table_dataset(
    table: Table,
    *,
    task: str | None = None,
    target: Sequence[str] = (),
    features: Sequence[str] = (),
    ignore: Sequence[str] = (),
) -> Dataset:
    """Makes the dataset of a table.

    A table of texts is what `text_table.find_text` finds.

    The column of labels is called `label`, `class`, `target`, `species` or `y`; it is
    the last one where none is. A target of many different numbers is a quantity, for
    regression. Rows without a target are left out. The dataset's `findings` say what
    was decided.

    Args:
        table: Of two or more columns.
        task: `classification` or `regression`; what the target looks like if None.
        target: Name of the column of labels, or names of those of quantities.
        features: Names of the columns to read; all others if none.
        ignore: Names of columns to leave out.

    Raises:
        DatasetError: If nothing can be learned from it, or several columns may be that
            of labels.
    """
    if len(table.header) < 2:
        raise DatasetError(
            f"{table.path} has one column, {table.header[0]!r}; a series is read from a"
            " .csv file, and other tables have features and a target."
        )
    texts = _texts(table, target, features, ignore, task)
    if texts is not None:
        return texts
    return _dataset(examine(table, target, features, ignore, task))


def _texts(
    table: Table,
    target: Sequence[str],
    features: Sequence[str],
    ignore: Sequence[str],
    task: str | None,
) -> Dataset | None:
    """The dataset of a table of texts; None of one of measurements."""
    for name in (*target, *features, *ignore):
        table.index(name)
    cells = {
        column.name: column.cells
        for column in table.columns
        if column.name not in ignore
        and (not features or column.name in (*features, *target))
    }
    text = text_table.find_text(cells, target)
    if text is None:
        return None
    if target:
        examined = examine(table, target, (text,), ignore, task)
        if examined.task == "regression":
            return _quantities(examined, np.array(examined.features[0].cells, object))
    data = text_table.load(str(table.path), cells, text, *target, parts=table.parts)
    return dataclasses.replace(data, findings=(*table.findings, *data.findings))


def _dataset(examined: ExaminedTable) -> Dataset:
    path = examined.table.path
    _check(examined)
    columns = tuple(map(input_column, examined.features))
    rows = list(zip(*(column.cells for column in examined.features), strict=True))
    x = encode_rows(columns, rows, examined.table.lines)
    if examined.task == "regression":
        return fitted(_quantities(examined, x, columns))
    names = examined.targets[0].cells
    labels = tuple(sorted(set(names), key=_number_or_name))
    places = {label: place for place, label in enumerate(labels)}
    y = np.array([places[name] for name in names])
    splits: dict[str, Any] = examined.table.divided(x, y)
    data = make_dataset(str(path), labels, **splits, columns=columns)
    return dataclasses.replace(fitted(data), findings=examined.findings)


def _quantities(
    examined: ExaminedTable, x: np.ndarray, columns: tuple[InputColumn, ...] = ()
) -> Dataset:
    names = tuple(column.name for column in examined.targets)
    y = np.array([column.values for column in examined.targets]).T
    name = str(examined.table.path)
    splits: dict[str, Any] = examined.table.divided(x, y)
    data = make_regression_dataset(name, names, **splits, columns=columns)
    return dataclasses.replace(data, findings=examined.findings)


def _check(examined: ExaminedTable) -> None:
    for finding in examined.findings:
        if finding.level == "refusal":
            raise DatasetError(f"{examined.table.path}: {finding}")


def _number_or_name(label: str) -> tuple[bool, float, str]:
    try:
        return False, float(label), label
    except ValueError:
        return True, 0.0, label
