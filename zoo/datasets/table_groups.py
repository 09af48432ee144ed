"""Groups of the rows of a table, such as patients, that no split may share."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from zoo.datasets.cells import is_missing
from zoo.datasets.file_groups import divided_by_group
from zoo.datasets.table import Table
from zoo.errors import DatasetError


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


def groups_of_parts(table: Table, group: str) -> dict[str, np.ndarray]:
    """Returns the group of each row, by split."""
    cells = np.array(table.columns[table.index(group)].cells, object)
    parts = np.array(table.parts)
    return {part: cells[parts == part] for part in dict.fromkeys(table.parts)}
