"""What a column of a table holds: its kind, range, missing and distinct values."""

import dataclasses
import re
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from zoo.datasets import cells as forms
from zoo.datasets import date_cells as dates

Kind = Literal[
    "empty",
    "constant",
    "row number",
    "identifier",
    "boolean",
    "number",
    "date",
    "category",
    "text",
]
_IDENTIFIER = re.compile(r"(^|.*[_ ])(id|uid|uuid|guid|key|index|nr|no)$|.*[a-z]I[dD]$")
_CODE = re.compile(
    r"(^|.*[^a-z])(zip|zipcode|postal|postcode|plz|fips|code)([^a-z].*)?$"
    r"|.*[a-z](Zip|Code)$"
)
_ZEROS = re.compile(r"0\d{2,}")  # of 2 digits it is a month or an hour, perhaps
_INDEX = re.compile(r"(unnamed: ?\d+|index|row|row_?(nr|no|number|names?)|)$", re.I)
IN_TIME = re.compile(
    r"(^|[^a-z])(date|time|timestamp|datetime|year|unix)s?($|[^a-z])", re.I
)
_PAIRS = ({"yes", "no"}, {"true", "false"}, {"t", "f"}, {"y", "n"})
_FEW = 10  # rows; of fewer none is a row number by its values
_CATEGORIES = 30  # distinct values of a category, at most, or this fraction:
_CATEGORY_SHARE = 0.05
_REPEATED = 0.5  # distinct values, as a fraction, of short ones that are categories
_WORDS = 3  # of a text, on average, at least


@dataclasses.dataclass(frozen=True)
class Column:
    """What is known of a column.

    Args:
        name: In the header.
        kind: What its values are.
        cells: As text, stripped.
        missing: Rows without a value.
        distinct: Number of different values.
        values: Numbers in `float64`, NaN where missing; 1 and 0 for yes and no; None
            where it has others.
        has_comma: Whether the numbers are written with decimal commas.
        is_percent: Whether the numbers are written with per cent signs.
        date_format: How dates are written, as `strptime` takes it; ISO 8601 if empty.
    """

    name: str
    kind: Kind
    cells: Sequence[str] = dataclasses.field(repr=False)
    missing: np.ndarray = dataclasses.field(repr=False)
    distinct: int
    values: np.ndarray | None = dataclasses.field(default=None, repr=False)
    has_comma: bool = False
    is_percent: bool = False
    date_format: str = ""

    @property
    def present(self) -> list[str]:
        """The cells that are not missing."""
        pairs = zip(self.cells, self.missing, strict=True)
        return [cell for cell, is_missing in pairs if not is_missing]

    @property
    def is_in_words(self) -> bool:
        """Whether it has numbers for words such as yes and no."""
        return self.kind == "boolean" and any(
            not (forms.is_missing(cell) or forms.is_number(cell))
            for cell in set(self.cells)
        )

    def as_category(self) -> "Column":
        """Returns the column with its values as names, whatever they look like."""
        if self.kind == "empty":
            return self
        missing = np.array([forms.is_missing(cell) for cell in self.cells], bool)
        gone = zip(self.cells, missing, strict=True)
        distinct = len({cell for cell, is_missing in gone if not is_missing})
        return Column(self.name, "category", self.cells, missing, distinct)

    def with_commas(self) -> "Column":
        """Returns the column with points read as those of thousands, where all may be.

        Another column has decimal commas.
        """
        if self.values is None or self.has_comma:
            return self
        if not forms.has_points_of_thousands(self.cells):
            return self
        found = column(self.name, [forms.with_point(cell) for cell in self.cells])
        return dataclasses.replace(found, cells=self.cells, has_comma=True)

    @property
    def point_in_doubt(self) -> str | None:
        """A number whose point may be one of thousands; None where none may be.

        Whole numbers without a point stand beside it, and three digits behind each.
        """
        if self.values is None or self.has_comma:
            return None
        pointed = [cell for cell in self.present if "." in cell]
        if len(pointed) == len(self.present):
            return None
        return pointed[0] if forms.has_points_of_thousands(pointed) else None

    @property
    def has_points_of_thousands(self) -> bool:
        """Whether points were read as those of thousands, by the commas of others."""
        if not self.has_comma or any("." in c and "," in c for c in self.cells):
            return False
        return any("." in cell for cell in self.cells) and (
            forms.has_points_of_thousands([c for c in self.present if "." in c])
        )

    @property
    def looks_like_codes(self) -> bool:
        """Whether its whole numbers repeat and are called a code or an identifier."""
        if self.kind != "number" or self.values is None:
            return False
        present = self.values[np.isfinite(self.values)]
        is_called_so = any(
            form.match(name)
            for form in (_CODE, _IDENTIFIER)
            for name in (self.name, self.name.lower())
        )
        is_whole = bool((present == np.floor(present)).all())
        return is_called_so and is_whole and self.distinct < len(present)

    @property
    def leading_zeros(self) -> str | None:
        """A number with zeros before it, as codes have; None where there is none."""
        if self.kind != "number":
            return None
        return next((cell for cell in self.cells if _ZEROS.fullmatch(cell)), None)

    def collapsed(self) -> int:
        """Returns how many distinct values are none any more in `float32`."""
        if self.values is None:
            return 0
        present = self.values[np.isfinite(self.values)]
        with np.errstate(over="ignore"):
            return len(np.unique(present)) - len(np.unique(present.astype("float32")))

    def describe(self) -> dict[str, Any]:
        """Returns the column for a table or JSON."""
        found: dict[str, Any] = {"name": self.name, "kind": self.kind}
        found |= {"missing": int(self.missing.sum()), "distinct": self.distinct}
        if self.values is not None and np.isfinite(self.values).any():
            present = self.values[np.isfinite(self.values)]
            found |= {"lowest": float(present.min()), "highest": float(present.max())}
        return found


def is_called_identifier(name: str) -> bool:
    """Returns whether a column has the name of an identifier.

    >>> [is_called_identifier(name) for name in ("id", "userId", "Doc ID", "width")]
    [True, True, True, False]
    """
    return bool(_IDENTIFIER.match(name) or _IDENTIFIER.match(name.lower()))


def column(name: str, cells: Sequence[str]) -> Column:
    """Finds out what a column holds.

    >>> column("share", ["1,5 %", "-", "2,5 %"]).values
    array([1.5, nan, 2.5])
    """
    missing = np.array([forms.is_missing(cell) for cell in cells], bool)
    if missing.all():
        return Column(name, "empty", cells, missing, 0)
    read = _numbers(cells)
    if read is not None:
        values, has_comma, is_percent = read
        present = [c for c, gone in zip(cells, missing, strict=True) if not gone]
        if IN_TIME.search(name) and dates.are_days(present):
            distinct, form = len(set(present)), dates.DAY
            return Column(name, "date", cells, missing, distinct, date_format=form)
        distinct = len(np.unique(values[~np.isnan(values)]))
        kind = _numeric_kind(name, values, distinct)
        missing = np.isnan(values)
        form = has_comma, is_percent
        return Column(name, kind, cells, missing, distinct, values, *form)
    present = [c for c, gone in zip(cells, missing, strict=True) if not gone]
    distinct = len(set(present))
    if _are_truths(present):
        values = _truths(cells, missing)
        return Column(name, "boolean", cells, missing, distinct, values)
    read_dates = dates.dates(present)
    if read_dates is not None:
        form = read_dates[1]
        return Column(name, "date", cells, missing, distinct, date_format=form)
    return Column(name, _text_kind(present, distinct), cells, missing, distinct)


def _numbers(cells: Sequence[str]) -> forms.Numbers | None:
    """Numbers, among which dashes and words may stand for missing ones.

    Beside few whole numbers these are classes, as `none`, `1` and `2` are.
    """
    read = forms.numbers(cells)
    filled = forms.without_gaps(cells) if read is None else cells
    if read is not None or filled == list(cells):
        return read
    read = forms.numbers(filled)
    if read is None:
        return None
    present = read.values[np.isfinite(read.values)]
    are_many = len(np.unique(present)) > _FEW or (present != np.floor(present)).any()
    return read if are_many else None


def _are_truths(present: list[str]) -> bool:
    lowered = {cell.lower() for cell in set(present)}
    return any(lowered == pair for pair in _PAIRS)


def _truths(cells: Sequence[str], missing: np.ndarray) -> np.ndarray:
    """1 for `yes` and `true`, 0 for `no` and `false`, NaN where missing."""
    is_true = np.array([cell[:1].lower() in ("y", "t") for cell in cells], "float64")
    return np.where(missing, np.nan, is_true)


def _numeric_kind(name: str, values: np.ndarray, distinct: int) -> Kind:
    rows = len(values)
    if distinct == 1:
        return "constant"
    present = values[~np.isnan(values)]
    if set(np.unique(present[:1000])) <= {0, 1} and set(np.unique(present)) <= {0, 1}:
        return "boolean"
    finite = np.isfinite(values).all()
    if rows < _FEW or not finite or not (values == np.floor(values)).all():
        return "number"
    if (np.diff(values) == 1).all() and (
        values[0] in (0, 1) or _INDEX.match(name) or is_called_identifier(name)
    ):
        return "row number"
    if distinct == rows:
        is_permutation = np.ptp(values) == rows - 1
        if is_permutation or is_called_identifier(name):
            return "identifier"
    return "number"


def _text_kind(present: list[str], distinct: int) -> Kind:
    rows = len(present)
    if distinct == 1 and rows > 1:
        return "constant"
    has_spaces = sum(" " in cell for cell in present) > rows / 2
    if distinct == rows and rows >= _FEW and not has_spaces:
        return "identifier"
    if distinct <= max(_CATEGORIES, _CATEGORY_SHARE * rows) and distinct < rows:
        return "category"
    words = sum(len(cell.split()) for cell in present) / rows
    if distinct <= _REPEATED * rows and words < _WORDS:
        return "category"
    return "text"
