"""What the cell of a table may be: a number, a missing value, a date."""

import re
from collections.abc import Sequence
from datetime import datetime

import numpy as np

# In lower case. Not `none`, which is a class as often as not.
MISSING = {"", "na", "n/a", "#n/a", "<na>", "nan", "null", "?"}
_DECIMAL_COMMA = re.compile(r"[+-]?(\d+|\d{1,3}(\.\d{3})+),\d+([eE][+-]?\d+)?")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+")
_DATE_LIKE = re.compile(r"\d.*[-/. :]|[A-Za-z]{3}.*\d{4}")
_FORMATS = (
    *("%Y-%m", "%Y/%m/%d", "%Y/%m/%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y.%m.%d"),
    *("%d.%m.%Y", "%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%d-%m-%Y"),
    *("%m/%d/%Y", "%d/%m/%Y", "%m/%d/%y", "%d/%m/%y"),
    *("%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%d/%m/%Y %H:%M:%S"),
    *("%b %d %Y", "%d %b %Y", "%b %d, %Y", "%d-%b-%Y", "%d-%b-%y", "%b %Y"),
    *("%B %d, %Y", "%d %B %Y", "%B %Y"),
)


def is_missing(cell: str) -> bool:
    """Returns whether a cell says that there is no value.

    >>> [is_missing(cell) for cell in ("", "NA", "?", "none", "0")]
    [True, True, True, False, False]
    """
    return cell.lower() in MISSING


def is_number(cell: str) -> bool:
    """Returns whether a cell is a number with a decimal point, or `nan`."""
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell  # which Python allows between digits


def is_decimal_comma(cell: str) -> bool:
    """Returns whether a cell is a number with a decimal comma.

    >>> [is_decimal_comma(cell) for cell in ("1,5", "1.234,5", "1,2,3", "5")]
    [True, True, False, False]
    """
    return bool(_DECIMAL_COMMA.fullmatch(cell))


def numbers(cells: Sequence[str]) -> tuple[np.ndarray, bool] | None:
    """Reads cells as numbers, missing ones as NaN.

    Returns:
        The numbers in `float64`, and whether they have decimal commas; None where a
        cell is none, or a comma may be one of thousands.
    """
    try:
        return np.array([cell or "nan" for cell in cells], "float64"), False
    except ValueError:
        pass
    filled = ["nan" if is_missing(cell) else cell for cell in cells]
    with_comma = [cell for cell in filled if "," in cell]
    if with_comma:
        if not all(map(is_decimal_comma, with_comma)):
            return None
        if all(map(_THOUSANDS.fullmatch, with_comma)):
            return None
        filled = [
            c.replace(".", "").replace(",", ".") if "," in c else c for c in filled
        ]
    try:
        return np.array(filled, "float64"), bool(with_comma)
    except ValueError:
        return None


def times(cells: Sequence[str]) -> np.ndarray | None:
    """Reads cells as dates and times, all in one format.

    Where day and month could be either, the order is taken in which the times run one
    way; the month first where both do.

    Returns:
        Seconds since 1970 in `float64`; None where a cell is no date.

    >>> times(["2024-01-01", "2024-01-02"])
    array([1.7040672e+09, 1.7041536e+09])
    """
    if not cells or not _DATE_LIKE.match(cells[0]):
        return None
    found = []
    for form in (None, *_FORMATS):
        read = _times(cells, form)
        if read is not None:
            found.append(read)
    if not found:
        return None
    return next((each for each in found if runs_one_way(each)), found[0])


def runs_one_way(values: np.ndarray) -> bool:
    """Returns whether values only rise, or only fall."""
    steps = np.diff(values)
    return bool((steps > 0).all() or (steps < 0).all())


def _times(cells: Sequence[str], form: str | None) -> np.ndarray | None:
    start = datetime(1970, 1, 1)
    seconds = []
    try:
        for cell in cells:
            if form is None:
                time = datetime.fromisoformat(cell)
            else:
                time = datetime.strptime(cell, form)
            seconds.append((time.replace(tzinfo=None) - start).total_seconds())
    except ValueError:
        return None
    return np.array(seconds)
