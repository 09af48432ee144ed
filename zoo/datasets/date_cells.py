"""Cells of a table that are dates and times."""

import re
from collections.abc import Sequence
from datetime import datetime

import numpy as np

from zoo.datasets.cells import is_missing

_DATE_LIKE = re.compile(
    r"\d.*[-/. :]|[a-z]{3}.*\d{4}|[a-z]{3}-\d\d$|\d{4}[MQ]\d|Q\d.*\d{4}|\d{8}T", re.I
)
_FORMATS = (
    *("%Y-%m", "%Y/%m/%d", "%Y/%m/%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y.%m.%d"),
    *("%d.%m.%Y", "%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%d-%m-%Y"),
    *("%m/%d/%Y", "%d/%m/%Y", "%m/%d/%y", "%d/%m/%y"),
    *("%m/%d/%Y %I:%M %p", "%m/%d/%Y %I:%M:%S %p", "%d/%m/%Y %I:%M %p"),
    *("%d/%m/%Y %I:%M:%S %p",),
    *("%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%d/%m/%Y %H:%M:%S"),
    *("%b %d %Y", "%d %b %Y", "%b %d, %Y", "%b-%d-%Y", "%d-%b-%Y", "%d-%b-%y", "%b %Y"),
    *("%B %d, %Y", "%d %B %Y", "%B %Y"),
    *("%YQ%q", "%Y-Q%q", "%Y Q%q", "Q%q %Y", "Q%q-%Y", "Q%q/%Y", "%YM%m"),
    *("%Y-%m-%d %H:%M:%S UTC", "%Y-%m-%d %H:%M UTC", "%Y-%m-%d %H:%M:%S GMT"),
    *("%a, %d %b %Y %H:%M:%S GMT", "%d/%b/%Y:%H:%M:%S", "%b-%y"),
    *("%a %b %d %H:%M:%S %Y", "%A, %B %d, %Y"),
)
_ZONE = re.compile(r" (?!AM\b|PM\b|UTC\b|GMT\b)[A-Z]{2,5}\b")
_QUARTER = re.compile("Q([1-4])", re.I)  # `%q` of a format, after a Q
DAY = "%Y%m%d"  # 20240131, which is a number as well
_DAY = re.compile(r"(19|20)\d{6}")
_LOOKED_AT = 200  # cells by which it is decided whether most are dates
_MOST = 0.8  # fraction


def times(cells: Sequence[str]) -> np.ndarray | None:
    """Reads cells as dates and times, all in one format.

    Returns:
        Seconds since 1970 in `float64`; None where a cell is no date.

    >>> times(["2024-01-01", "2024-01-02"])
    array([1.7040672e+09, 1.7041536e+09])
    """
    found = dates(cells)
    return None if found is None else found[0]


def dates(cells: Sequence[str]) -> tuple[np.ndarray, str] | None:
    """Reads cells as `times` does, and finds their format.

    Where day and month could be either, the order is taken in which the times run one
    way; the month first where both do.

    Returns:
        Seconds since 1970 in `float64`, and the format as `strptime` takes it, which is
        empty for ISO 8601; None where a cell is no date.

    >>> dates(["31.12.2023", "01.01.2024"])
    (array([1.7039808e+09, 1.7040672e+09]), '%d.%m.%Y')
    """
    if not cells or not _DATE_LIKE.match(cells[0]):
        return None
    found = []
    for form in ("", *_FORMATS):
        read = _times(cells, form)
        if read is not None:
            found.append((read, form))
    if not found:
        return None
    return next((each for each in found if runs_one_way(each[0])), found[0])


def are_days(cells: Sequence[str]) -> bool:
    """Returns whether numbers may be days.

    >>> are_days(["20231231", "20240101"]), are_days(["20231232"])
    (True, False)
    """
    return all(map(_DAY.fullmatch, cells)) and _times(cells, DAY) is not None


def seconds(cell: str, form: str) -> float:
    """Returns a date and time in seconds since 1970; time zones are left out.

    A quarter is its first day.

    Args:
        cell: The text.
        form: Its format as `strptime` takes it, which is empty for ISO 8601; `%q` in it
            is the number of a quarter.

    Raises:
        ValueError: If it is none.

    >>> seconds("1970Q2", "%YQ%q") / 86400
    90.0
    """
    if "Q%q" in form:
        cell, count = _QUARTER.subn(lambda q: f"{3 * int(q[1]) - 2:02}", cell)
        if not count:
            raise ValueError(f"{cell!r} names no quarter")
        form = form.replace("Q%q", "%m")
    time = datetime.strptime(cell, form) if form else datetime.fromisoformat(cell)
    return (time.replace(tzinfo=None) - datetime(1970, 1, 1)).total_seconds()


def has_zone(cell: str) -> bool:
    """Returns whether a time says how far it is from UTC, in ISO 8601.

    >>> has_zone("2024-10-27T02:00+01:00"), has_zone("2024-10-27"), has_zone("noon")
    (True, False, False)
    """
    try:
        return datetime.fromisoformat(cell).tzinfo is not None
    except ValueError:
        return False


def instant(cell: str, form: str) -> float:
    """Returns a time with a zone in seconds since 1970 in UTC.

    Args:
        cell: For which `has_zone` holds.
        form: As `seconds` takes it.

    >>> instant("1970-01-01T01:00+01:00", "")
    0.0
    """
    time = datetime.strptime(cell, form) if form else datetime.fromisoformat(cell)
    return time.timestamp()


def other_order(cells: Sequence[str], form: str) -> str | None:
    """Returns the format in which day and month are the other way round.

    Args:
        cells: Dates.
        form: In which they are read.

    Returns:
        The format; None where the cells are no dates in it, or the same, or run one way
        in one of both alone.

    >>> other_order(["01/02/2024", "03/04/2024"], "%m/%d/%Y")
    '%d/%m/%Y'
    >>> other_order(["01/31/2024", "03/04/2024"], "%m/%d/%Y")
    """
    swapped = {"%d": "%m", "%m": "%d"}
    other = re.sub("%[dm]", lambda found: swapped[found[0]], form)
    if form not in _FORMATS or other not in _FORMATS or other == form:
        return None
    one, two = _times(cells, form), _times(cells, other)
    if one is None or two is None or (one == two).all():
        return None
    return other if runs_one_way(one) == runs_one_way(two) else None


def stray_date(cells: Sequence[str]) -> tuple[int, str] | None:
    """Finds a cell that is no date among others that are.

    Returns:
        The place of the first one, and a date; None where few are dates of one form.

    >>> stray_date([*["2024-01-31"] * 9, "Total"])
    (9, '2024-01-31')
    >>> stray_date(["one", "two"])
    """
    present = [cell for cell in cells if not is_missing(cell)]
    looked_at = present[:_LOOKED_AT]
    like = [cell for cell in looked_at if _DATE_LIKE.match(cell)]
    if len(like) < _MOST * len(looked_at) or not like:
        return None
    counts = {f: sum(_is_date(c, f) for c in looked_at) for f in ("", *_FORMATS)}
    form = max(counts, key=lambda each: counts[each])
    if counts[form] < len(looked_at) / 2:
        return None
    date = next(cell for cell in present if _is_date(cell, form))
    strays = (
        place
        for place, cell in enumerate(cells)
        if not (is_missing(cell) or _is_date(cell, form))
    )
    return next(((place, date) for place in strays), None)


def zone_of(cells: Sequence[str]) -> str | None:
    """Returns the abbreviation of a time zone in times that are dates without it.

    >>> zone_of(["2024-06-01 12:00 PDT", "2024-06-02 12:00 PST"])
    'PDT'
    >>> zone_of(["Building A", "Building B"])
    """
    found = [[*_ZONE.finditer(cell)][-1:] for cell in cells[:_LOOKED_AT]]
    if not found or not all(found):
        return None
    pairs = [(cell, each) for cell, (each,) in zip(cells, found, strict=False)]
    without = [cell[: each.start()] + cell[each.end() :] for cell, each in pairs]
    return None if dates(without) is None else pairs[0][1][0].strip()


def _is_date(cell: str, form: str) -> bool:
    return _times([cell], form) is not None


def runs_one_way(values: np.ndarray) -> bool:
    """Returns whether values only rise, or only fall."""
    steps = np.diff(values)
    return bool((steps > 0).all() or (steps < 0).all())


def _times(cells: Sequence[str], form: str) -> np.ndarray | None:
    try:
        return np.array([seconds(cell, form) for cell in cells])
    except ValueError:
        return None
