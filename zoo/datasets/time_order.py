"""The rows of a table in the order of time, by its column of dates."""

from collections.abc import Iterator

import numpy as np

from zoo.datasets.column import IN_TIME, Column, column
from zoo.datasets.date_cells import has_zone, instant, seconds
from zoo.datasets.examined_dates import (
    examine_strays,
    examine_zones,
    order_of_dates,
)
from zoo.datasets.finding import Finding, flags
from zoo.datasets.table import Table
from zoo.errors import DatasetError

_MANY_GROUPS = 0.1  # fraction of the rows that the values of a group column are at most
_EVEN = 0.01  # of a step, by which steps of one length may differ
_MONTH = (28 * 86400, 31 * 86400)
_PARTS_OF_DATES = ("year", "month", "day")
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
    dates, when = _times_of(table, others)
    if group is None:
        parts: Parts = {None: np.arange(len(table.rows))}
    else:
        cells = np.array(table.columns[table.index(group)].cells)
        parts = {str(key): np.flatnonzero(cells == key) for key in np.unique(cells)}
    if dates is None or when is None:
        return parts, [*_unread(others)]
    findings: list[Finding] = [*order_of_dates(dates)] if dates.date_format else []
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


def _times_of(
    table: Table, columns: list[Column]
) -> tuple[Column | None, np.ndarray | None]:
    """Returns the first column of dates, or one of numbers that is called a time.

    Raises:
        DatasetError: If a row has no date, and others have.
    """
    whole = [each for each in columns if not each.missing.any()]
    whole += _of_parts(whole)
    for each in whole:
        if each.kind == "date":
            form = each.date_format
            read = instant if all(map(has_zone, each.cells)) else seconds
            return each, np.array([read(cell, form) for cell in each.cells])
    _check_dates(table, columns)
    for each in whole:
        if each.values is not None and IN_TIME.search(each.name):
            return each, each.values
    return None, None


def _of_parts(columns: list[Column]) -> list[Column]:
    """Returns the dates in columns of years and months, and perhaps days."""
    by_name = {c.name.strip().lower(): c for c in columns if c.values is not None}
    found = [by_name[name] for name in _PARTS_OF_DATES if name in by_name]
    if len(found) < 2 or "month" not in by_name:
        return []
    parts = [column.values for column in found if column.values is not None]
    if any((values != np.floor(values)).any() for values in parts):
        return []
    rows = [[*map(int, row), 1][:3] for row in zip(*parts, strict=True)]
    cells = [f"{year:04}-{month:02}-{day:02}" for year, month, day in rows]
    made = column(" and ".join(each.name for each in found), cells)
    return [made] if made.kind == "date" else []


def _check_dates(table: Table, columns: list[Column]) -> None:
    """Checks that no column has dates in most rows alone, which would be no order."""
    for each in columns:
        if each.kind == "date":
            line = table.lines[int(np.flatnonzero(each.missing)[0])]
            raise DatasetError(
                f"{table.path}, line {line}: {each.name!r} is empty, which gives the "
                "order; fill it in, or leave the row out."
            )
    for finding in (*examine_zones(columns), *examine_strays(table, columns)):
        remedy = finding.remedy.rpartition(", or --ignore")[0]  # which is none here
        raise DatasetError(f"{table.path}, {finding.what}; {remedy}.")


def _unread(columns: list[Column]) -> Iterator[Finding]:
    """Yields a warning where columns are called times and hold words with digits."""
    for each in columns:
        has_digits = any(letter.isdigit() for cell in each.cells for letter in cell)
        if each.values is None and IN_TIME.search(each.name) and has_digits:
            yield Finding(
                "unread_times",
                f"{each.name!r} is not read as dates or times ({each.present[0]!r}), "
                "so the rows count in the order in which they stand",
                "write dates as 2024-12-31",
                "warning",
            )


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
    remedy = (
        "leave one of the rows out, or name the column that tells several series "
        f"apart: {flags('group', ['COLUMN'])}"
    )
    if named:
        choice = " or ".join(flags("group", [each]) for each in named[:3])
        remedy = f"if these are several series, tell them apart by {choice}"
    raise DatasetError(
        f"{table.path}, line {table.lines[again]}: {dates.cells[again]} stands in "
        f"{dates.name!r} a second time; {remedy}."
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
