"""The dataset in a table: measurements or texts, and a label or quantities."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from zoo.datasets import text_table
from zoo.datasets.dataset import Dataset, make_dataset
from zoo.datasets.examined_table import ExaminedTable, examine
from zoo.datasets.input_column import InputColumn, encode_rows
from zoo.datasets.quantities import is_quantity, make_regression_dataset
from zoo.datasets.table import Table
from zoo.datasets.table_columns import fitted, input_column
from zoo.datasets.table_groups import (
    groups_of_parts,
    split_column,
    with_parts,
    with_split,
)
from zoo.errors import DatasetError


def table_dataset(
    table: Table,
    *,
    task: str | None = None,
    target: Sequence[str] = (),
    features: Sequence[str] = (),
    ignore: Sequence[str] = (),
    categories: Sequence[str] = (),
    group: str | None = None,
    test_group: Sequence[str] = (),
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
        categories: Names of columns whose numbers are names, such as postal codes.
        group: Name of the column that says what a row belongs to, such as a patient,
            of which no two splits have the same; it is no feature.
        test_group: Groups of the test split; drawn if none.

    Raises:
        DatasetError: If nothing can be learned from it, or several columns may be that
            of labels.
    """
    if not table.header:
        raise DatasetError(f"{table.path} has no columns.")
    if len(table.header) < 2:
        raise DatasetError(
            f"{table.path} has one column, {table.header[0]!r}; a series is read from a"
            " .csv file, and other tables have features and a target."
        )
    for name in (*categories, *filter(None, [group])):
        table.index(name)
    table = dataclasses.replace(table, categories=categories)
    if group is None and test_group:
        raise DatasetError(
            f"{table.path}: --test-group needs --group, the column of the groups."
        )
    named = (*target, *features, *ignore, *filter(None, [group]))
    split = None if table.parts else split_column(table, named)
    if split is not None:
        table, ignore = with_split(table, split), (*ignore, split)
    if group is not None:
        if group in target:
            raise DatasetError(f"{table.path}: {group!r} is the target, and no group.")
        table, ignore = with_parts(table, group, test_group), (*ignore, group)
    texts = _texts(table, target, features, ignore, task)
    if texts is None:
        return _dataset(examine(table, target, features, ignore, task), group)
    if categories:
        raise DatasetError(
            f"{table.path} is a table of texts, of which one column is read; leave "
            "--categories out."
        )
    return texts if group is None else _with_groups(texts, table, group)


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
    if not target and task != "classification":
        label = text_table.find_label(str(table.path), cells, text)
        values = table.columns[table.index(label)].values
        if values is not None and is_quantity(values[~np.isnan(values)]):
            target = (label,)
    if target:
        examined = examine(table, target, (text,), ignore, task)
        if examined.task == "regression":
            found = tuple(f for f in examined.findings if f.kind != "free_text")
            examined = dataclasses.replace(examined, findings=found)
            x = np.array(examined.features[0].cells, object)
            return dataclasses.replace(_quantities(examined, x), text_column=text)
    data = text_table.load(str(table.path), cells, text, *target, parts=table.parts)
    found = (*table.findings, *data.findings)
    return dataclasses.replace(data, findings=found, text_column=text)


def _with_groups(data: Dataset, table: Table, group: str) -> Dataset:
    """Adds the group of each row, where all rows of the table are in the data."""
    groups = groups_of_parts(table, group)
    counts = {part: len(split.y) for part, split in data.splits.items()}
    is_whole = counts == {part: len(each) for part, each in groups.items()}
    return dataclasses.replace(data, groups=groups if is_whole else {})


def _dataset(examined: ExaminedTable, group: str | None) -> Dataset:
    path = examined.table.path
    _check(examined)
    columns = tuple(map(input_column, examined.features))
    rows = list(zip(*(column.cells for column in examined.features), strict=True))
    x = encode_rows(columns, rows, examined.table.lines)
    if examined.task == "regression":
        data = fitted(_quantities(examined, x, columns))
        return data if group is None else _with_groups(data, examined.table, group)
    names = examined.targets[0].cells
    labels = tuple(sorted(set(names), key=_number_or_name))
    places = {label: place for place, label in enumerate(labels)}
    y = np.array([places[name] for name in names])
    splits: dict[str, Any] = examined.table.divided(x, y)
    data = make_dataset(str(path), labels, **splits, columns=columns)
    data = dataclasses.replace(fitted(data), findings=examined.findings)
    return data if group is None else _with_groups(data, examined.table, group)


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
