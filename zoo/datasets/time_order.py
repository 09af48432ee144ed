"""The rows of a table in the order of time, by its column of dates."""

import numpy as np

from zoo.datasets.cells import seconds
from zoo.datasets.column import IN_TIME, Column
from zoo.datasets.finding import Finding, flags
from zoo.datasets.table import Table
from zoo.errors import DatasetError

_MANY_GROUPS = 0.1  # fraction of the rows that the values of a group column are at most
_EVEN = 0.01  # of a step, by which steps of one length may differ
_MONTH = (28 * 86400, 31 * 86400)
_LONGER = ((90 * 86400, 92 * 86400), (365 * 86400, 366 * 86400))  # quarters, years

Parts = dict[str | None, np.ndarray]


def in_order(table: Table, name: str, group: str | None) -> tuple[Parts, list[Finding]]:
    """Returns the rows of each series in the order of time.

    Args:
        table: The table.
        name: The column of values.
        group: Name of the column that says which series a row belongs to.

    Returns:
        Row numbers by the name of the series, which is None if there is one; and what
        was found.

    Raises:
        DatasetError: If the dates begin anew or repeat, as those of several series do,
            and there is no `group`.
    """
    others = [c for c in table.columns if c.name not in (name, group)]
    dates, when = _times_of(others)
    if group is None:
        parts: Parts = {None: np.arange(len(table.rows))}
    else:
        cells = np.array(table.columns[table.index(group)].cells)
        parts = {str(key): np.flatnonzero(cells == key) for key in np.unique(cells)}
    if dates is None or when is None:
        return parts, []
    findings: list[Finding] = []
    if group is None:
        _check_one_series(table, when, dates, others)
    reversed_, sorted_, uneven = 0, 0, 0
    for key, rows in parts.items():
        steps = np.diff(when[rows])
        if (steps < 0).all() and len(steps):
            parts[key], reversed_ = rows[::-1], reversed_ + 1
        elif (steps < 0).any():
            parts[key], sorted_ = (
                rows[np.argsort(when[rows], kind="stable")],
                sorted_ + 1,
            )
        uneven += _uneven(np.diff(when[parts[key]]))
    if reversed_:
        what = f"the newest row is the first, by {dates.name!r}: turned round"
        findings.append(Finding("newest_first", what))
    if sorted_:
        what = f"the rows are not in the order of {dates.name!r}: sorted by it"
        findings.append(Finding("unsorted", what, level="warning"))
    if uneven:
        findings.append(
            Finding(
                "irregular_times",
                f"{uneven} of {len(when) - len(parts)} steps in {dates.name!r} are "
                "longer or shorter than the usual one, and a series counts each as one",
                "fill the gaps, or leave out what lies between",
                "warning",
            )
        )
    return parts, findings


def _times_of(columns: list[Column]) -> tuple[Column | None, np.ndarray | None]:
    """Returns the first column of dates, or one of numbers that is called a time."""
    whole = [column for column in columns if not column.missing.any()]
    for column in whole:
        if column.kind == "date":
            form = column.date_format
            return column, np.array([seconds(cell, form) for cell in column.cells])
    for column in whole:
        if column.values is not None and IN_TIME.search(column.name):
            return column, column.values
    return None, None


def _check_one_series(
    table: Table, when: np.ndarray, dates: Column, others: list[Column]
) -> None:
    if len(np.unique(when)) == len(when):
        return
    seen: set[float] = set()
    again = next(i for i, t in enumerate(when) if t in seen or seen.add(t))
    named = [
        c.name
        for c in others
        if c.values is None
        and c is not dates
        and 1 < c.distinct <= max(2, _MANY_GROUPS * len(when))
    ]
    remedy = f"name the column that tells them apart: {flags('group', ['COLUMN'])}"
    if named:
        choice = " or ".join(flags("group", [each]) for each in named[:3])
        remedy = f"tell them apart by {choice}"
    raise DatasetError(
        f"{table.path}, line {table.lines[again]}: {dates.cells[again]} stands in "
        f"{dates.name!r} a second time, so these are several series; {remedy}."
    )


def _uneven(steps: np.ndarray) -> int:
    """Counts the steps that differ from the usual one; months differ by themselves."""
    if not len(steps):
        return 0
    usual = float(np.median(steps))
    low, high = next(
        (r for r in (_MONTH, *_LONGER) if r[0] <= usual <= r[1]),
        (usual * (1 - _EVEN), usual * (1 + _EVEN)),
    )
    return int(((steps < low) | (steps > high)).sum())
