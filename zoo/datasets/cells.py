"""What the cell of a table may be: a number or a missing value."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

# In lower case. Not `none`, nor `-`, which are classes as often as not.
MISSING = {
    *("", "na", "n/a", "#n/a", "<na>", "nan", "null", "?"),
    "\\n",  # `\N` of databases
    *("#div/0!", "#value!", "#num!", "#ref!", "#name?", "#null!"),  # of Excel
}
_DECIMAL_COMMA = re.compile(r"[+-]?(\d+|\d{1,3}(\.\d{3})+),\d+([eE][+-]?\d+)?")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+")
_POINTS = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+")  # of thousands, perhaps
# What stands for a missing value among numbers, in lower case; a class elsewhere.
_GAPS_OF_NUMBERS = {"-", "--", "\u2013", "\u2014", ".", "none", "n.a.", "missing"}
# Groups of thousands as Excel writes them in French, Swedish and other locales.
_GROUPED = re.compile(r"[+-]?\d{1,3}([\u00a0\u202f\u2009]\d{3})+([.,]\d+)?")
_GAPS = re.compile("[\u00a0\u202f\u2009]")
_MINUS = "\u2212"  # as Excel writes it in the same
# A number with a unit, a sign or brackets: `40 kg`, `<0.1`, `(1.50)`, `00:12:30`.
_MEASURE = re.compile(
    r"[-+(<>~\u2248]*\s*\d[\d.,: \u00a0]*(?<!\.)\s*"
    r"[^\W\d_%\u00b0\u00b5\u00b2\u00b3]{0,3}"
    r"[%\u00b0\u00b5\u00b2\u00b3]?(/?[^\W\d_]{0,3})\)?"
)
_SIGN = r"\s*[%$\u20ac\u00a3]?\s*"  # of a currency, or of per cent
_LIKE_NUMBER = re.compile(
    rf"[-+]?{_SIGN}(\d+|\d{{1,3}}([.,'\u2019 ]\d{{3}})+)([.,]\d*)?{_SIGN}"
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


def is_like_number(cell: str) -> bool:
    """Returns whether a cell is a number to a reader, perhaps with commas or a sign.

    >>> [is_like_number(cell) for cell in ("1,100", "$1,100.50", "12 %", "1.5")]
    [True, True, True, True]
    >>> [is_like_number(cell) for cell in ("3a", "10.0.0.1", "31.12.2024")]
    [False, False, False]
    """
    return is_number(cell) or bool(_LIKE_NUMBER.fullmatch(cell))


def is_measure(cell: str) -> bool:
    """Returns whether a cell is a number with a unit, a sign or brackets beside it.

    >>> [is_measure(cell) for cell in ("40 kg", "<0.1", "(1.50)", "00:12", "40.5°N")]
    [True, True, True, True, True]
    >>> [is_measure(cell) for cell in ("4th street", "A1", "2nd hand car", "0.png")]
    [False, False, False, False]
    """
    return bool(_MEASURE.fullmatch(cell))


def is_decimal_comma(cell: str) -> bool:
    """Returns whether a cell is a number with a decimal comma.

    >>> [is_decimal_comma(cell) for cell in ("1,5", "1.234,5", "1,2,3", "5")]
    [True, True, False, False]
    """
    return bool(_DECIMAL_COMMA.fullmatch(cell))


def with_point(cell: str) -> str:
    """Returns a cell of a column with decimal commas as a number with a point.

    Points between groups of three digits are those of thousands there.

    >>> [with_point(cell) for cell in ("1.234,5", "1.234", "1.5", "2")]
    ['1234.5', '1234', '1.5', '2']
    """
    if "," in cell or _POINTS.fullmatch(cell):
        return cell.replace(".", "").replace(",", ".")
    return cell


def has_points_of_thousands(cells: Sequence[str]) -> bool:
    """Returns whether numbers with points are whole ones, where commas are decimal.

    >>> has_points_of_thousands(["1.234", "56"]), has_points_of_thousands(["1.5"])
    (True, False)
    """
    pointed = [cell for cell in cells if "." in cell and not is_missing(cell)]
    return bool(pointed) and all(map(_POINTS.fullmatch, pointed))


class Numbers(NamedTuple):
    """Cells as numbers.

    Args:
        values: In `float64`, NaN where a cell is missing.
        has_comma: Whether they are written with decimal commas.
        is_percent: Whether they are written with per cent signs.
    """

    values: np.ndarray
    has_comma: bool = False
    is_percent: bool = False


def numbers(cells: Sequence[str]) -> Numbers | None:
    """Reads cells as numbers, missing ones as NaN.

    Per cent stay what they are: `12 %` is 12.

    Returns:
        The numbers; None where a cell is none, a comma or a point may be one of
        thousands, or some have a per cent sign and others have none.
    """
    try:
        return Numbers(np.array([cell or "nan" for cell in cells], "float64"))
    except ValueError:
        pass
    filled = ["nan" if is_missing(cell) else _plain(cell) for cell in cells]
    is_percent = any(cell.endswith("%") for cell in filled)
    if is_percent:
        if not all(cell == "nan" or cell.endswith("%") for cell in filled):
            return None
        filled = [cell.removesuffix("%").rstrip() for cell in filled]
    with_comma = [cell for cell in filled if "," in cell]
    if with_comma:
        if not all(map(is_decimal_comma, with_comma)):
            return None
        if all(map(_THOUSANDS.fullmatch, with_comma)) or _are_of_two_forms(filled):
            return None
        filled = [with_point(cell) for cell in filled]
    try:
        return Numbers(np.array(filled, "float64"), bool(with_comma), is_percent)
    except ValueError:
        return None


def _are_of_two_forms(cells: Sequence[str]) -> bool:
    """Whether points are those of thousands in some cells, and decimal in others."""
    pointed = [cell for cell in cells if "." in cell]
    of_thousands = [c for c in pointed if "," in c or _POINTS.fullmatch(c)]
    return 0 < len(of_thousands) < len(pointed)


def without_gaps(cells: Sequence[str]) -> list[str]:
    """Returns the cells of numbers with nothing where a dash or a word stands for it.

    >>> without_gaps(["1", "-", "None", "-2"])
    ['1', '', '', '-2']
    """
    return ["" if cell.lower() in _GAPS_OF_NUMBERS else cell for cell in cells]


def is_ambiguous(cell: str) -> bool:
    """Returns whether a comma is decimal in a number, or one of thousands.

    >>> is_ambiguous("1,234"), is_ambiguous("1,5")
    (True, False)
    """
    return bool(_THOUSANDS.fullmatch(cell))


def _plain(cell: str) -> str:
    """Returns a number with the minus of a keyboard and without gaps in its digits.

    >>> _plain("\u2212" + "1\u00a0234,5")
    '-1234,5'
    """
    cell = cell.replace(_MINUS, "-")
    return _GAPS.sub("", cell) if _GROUPED.fullmatch(cell) else cell
