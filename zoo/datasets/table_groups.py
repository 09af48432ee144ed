"""Groups of the rows of a table, such as patients, that no split may share."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from zoo.datasets.cells import is_missing
from zoo.datasets.file_groups import divided_by_group
from zoo.datasets.finding import Finding
from zoo.datasets.split_folders import split_of
from zoo.datasets.table import Table
from zoo.errors import DatasetError

_SPLITS = ("split", "set", "subset", "partition")


def with_parts(table: Table, group: str, test_groups: Sequence[str]) -> Table:
    """Returns a table whose rows have a split each, none of which shares a group.

    Files of splits stay, and their groups are compared; a split that they lack is
    drawn.

    Args:
        table: The table.
        group: Name of the column of the groups.
        test_groups: Those of the test split; drawn if none.

    Raises:
        DatasetError: If there is no such column, a row has no group, or there are too
            few groups.
    """
    cells = table.columns[table.index(group)].cells
    for line, cell in zip(table.lines, cells, strict=True):
        if is_missing(cell):
            raise DatasetError(
                f"{table.path}, line {line} has no {group!r}, by which --group holds "
                "rows together; fill it in, or leave the row out."
            )
    rows: dict[str, list[int]] = {}
    for row, _ in enumerate(cells):
        rows.setdefault(table.parts[row] if table.parts else "train", []).append(row)
    groups = {part: [cells[row] for row in found] for part, found in rows.items()}
    rows, findings = divided_by_group(str(table.path), rows, groups, test_groups)
    parts = [""] * len(cells)
    for part, found in rows.items():
        for row in found:
            parts[row] = part
    findings = (*table.findings, *findings)
    return dataclasses.replace(table, parts=parts, findings=findings)


def split_column(table: Table, left_out: Sequence[str]) -> str | None:
    """Returns the name of a column that says the split of each row; None without one.

    It is called a split, holds their usual names alone, and that of training.

    Args:
        table: The table.
        left_out: Names of columns that are something else, or not to be read.
    """
    for column in table.columns:
        name = column.name.strip().lower()
        if name not in _SPLITS or column.name in left_out or column.missing.any():
            continue
        found = {split_of(cell) for cell in set(column.cells)}
        if "train" in found and len(found) > 1 and None not in found:
            return column.name
    return None


def with_split(table: Table, name: str) -> Table:
    """Returns a table whose rows have the split that a column says."""
    cells = table.columns[table.index(name)].cells
    parts = [split_of(cell) or "" for cell in cells]
    what = f"the rows are divided as {name!r} says, which is no feature"
    found = (*table.findings, Finding("split", what))
    return dataclasses.replace(table, parts=parts, findings=found)


def groups_of_parts(table: Table, group: str) -> dict[str, np.ndarray]:
    """Returns the group of each row, by split."""
    cells = np.array(table.columns[table.index(group)].cells, object)
    parts = np.array(table.parts)
    return {part: cells[parts == part] for part in dict.fromkeys(table.parts)}
