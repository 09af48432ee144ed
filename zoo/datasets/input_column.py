"""What a column of a table is to a model, and the encoding of rows as numbers."""

import dataclasses
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

import numpy as np

from zoo.datasets import cells as forms
from zoo.datasets.date_cells import seconds
from zoo.errors import ArgumentError, DatasetError

ColumnKind = Literal["number", "boolean", "category", "date"]
_KINDS = get_args(ColumnKind)
TRUTHS = {
    **dict.fromkeys(("yes", "true", "t", "y", "1", "1.0"), 1.0),
    **dict.fromkeys(("no", "false", "f", "n", "0", "0.0"), 0.0),
}
_PARTS = "YymdHIMSpbBaAq"  # of dates
_OF_JSON = {"true": "1", "false": "0"}
_DAY = 86_400.0  # seconds
UNKNOWN = -1  # id of a category that is not among those of the training
Cell = str | float | bool | None
Row = Sequence[Cell] | Mapping[str, Cell]


@dataclasses.dataclass(frozen=True)
class InputColumn:
    """A column of a table as a model takes it.

    Args:
        name: In the header of the table.
        kind: `number`, `boolean`, `category` or `date`.
        categories: Values of a category in the training split, in the order of their
            ids.
        has_missing: Whether values are missing in the training split.
        has_times: Whether dates have times of day in the training split.
        date_format: How dates are written in the table, as `strptime` takes it; ISO
            8601 if empty.
        decimal_comma: Whether numbers are written with decimal commas in the table.
        is_percent: Whether numbers are written with per cent signs in the table.

    Raises:
        ArgumentError: If the values do not belong together.

    Example:

    >>> column = InputColumn("sex", "category", ("female", "male"))
    >>> InputColumn.from_json(column.as_json()) == column
    True
    """

    name: str
    kind: ColumnKind
    categories: tuple[str, ...] = ()
    has_missing: bool = False
    has_times: bool = False
    date_format: str = ""
    decimal_comma: bool = False
    is_percent: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.name, str):
            raise self._wrong(f"`name` must be a string. Received: {self.name!r}")
        if self.kind not in _KINDS:
            raise self._wrong(
                f"`kind` must be one of {', '.join(_KINDS)}. Received: {self.kind!r}"
            )
        is_named = isinstance(self.categories, tuple) and all(
            isinstance(each, str) for each in self.categories
        )
        if not is_named or len(set(self.categories)) != len(self.categories):
            raise self._wrong(
                "`categories` must be a tuple of different strings. Received: "
                f"{self.categories!r}"
            )
        if self.categories and self.kind != "category":
            raise self._wrong(
                f"only a category has `categories`. Received: kind={self.kind!r} and "
                f"categories={self.categories!r}"
            )

        form = self.date_format
        parts = re.findall("%(.?)", form) if isinstance(form, str) else [""]
        if not {*parts} <= {*_PARTS} or len({*parts}) != len(parts):
            raise self._wrong(
                "`date_format` must be a text as `strptime` takes it, of "
                f"{', '.join(f'%{part}' for part in _PARTS)}. Received: {form!r}"
            )

    def _wrong(self, what: str) -> ArgumentError:
        return ArgumentError(f"Column {self.name!r}: {what}")

    def as_json(self) -> dict[str, Any]:
        """Returns the column for a JSON file."""
        found = dataclasses.asdict(self)
        return found | {"categories": list(self.categories)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "InputColumn":
        """Returns the column that `as_json` described.

        Raises:
            ArgumentError: If it is none.
        """
        known = {field.name for field in dataclasses.fields(cls)}
        is_column = isinstance(value, Mapping) and {"name", "kind"} <= value.keys()
        if not is_column or not value.keys() <= known:
            raise ArgumentError(
                f"A column has the fields {', '.join(sorted(known))}, at least name "
                f"and kind. Received: {value!r}"
            )
        given = dict(value)
        if isinstance(given.get("categories"), list):
            given["categories"] = tuple(given["categories"])
        return cls(**given)


def are_numbers(columns: Sequence[InputColumn]) -> bool:
    """Returns whether a model can take all columns as they are, without missing values.

    >>> are_numbers([InputColumn("age", "number"), InputColumn("alone", "boolean")])
    True
    >>> are_numbers([InputColumn("age", "number", has_missing=True)])
    False
    """
    return not any(c.has_missing or c.kind in ("category", "date") for c in columns)


def encode_rows(
    columns: Sequence[InputColumn],
    rows: Sequence[Row],
    lines: Sequence[int] | None = None,
) -> np.ndarray:
    """Encodes rows of a table as numbers.

    Numbers stay what they are, with decimal points or commas. Booleans are 1 and 0.
    Categories are their ids, -1 for one that the training split did not hold. Dates are
    days since 1970-01-01, with the fraction of the day. A missing value is NaN.

    Args:
        columns: What the columns hold.
        rows: Cells in the order of the columns, or by their names: text as it stands in
            a file, numbers, booleans, or None for a missing value.
        lines: Where the rows stand, for messages; they are counted from 1 without it.

    Returns:
        `float32` of shape (rows, columns).

    Raises:
        DatasetError: If a cell is not what its column holds, or a row lacks a column;
            the message names line and column.

    Example:

    >>> columns = [
    ...     InputColumn("age", "number"),
    ...     InputColumn("sex", "category", ("female", "male")),
    ...     InputColumn("alone", "boolean"),
    ...     InputColumn("born", "date"),
    ... ]
    >>> encode_rows(columns, [["31", "male", "Yes", "1970-01-02"], ["", "?", "", ""]])
    array([[31.,  1.,  1.,  1.],
           [nan, nan, nan, nan]], dtype=float32)
    >>> row = {"age": 4, "sex": "?", "alone": None, "born": "1970-01-01T12:00"}
    >>> encode_rows(columns, [row, row | {"sex": "other"}])
    array([[ 4. ,  nan,  nan,  0.5],
           [ 4. , -1. ,  nan,  0.5]], dtype=float32)
    """
    places = range(1, len(rows) + 1) if lines is None else lines
    encoded = np.empty((len(rows), len(columns)), "float32")
    for index, column in enumerate(columns):
        cells = _column_of(rows, index, column, places)
        encoded[:, index] = _ENCODERS[column.kind](column, cells, places)
    return encoded


def _column_of(
    rows: Sequence[Row], index: int, column: InputColumn, lines: Sequence[int]
) -> list[str]:
    """Returns the cells of a column as they stand in a file."""
    if not any(isinstance(row, Mapping) for row in rows[:1]):
        cells = [row[index] for row in rows]  # pyright: ignore
    else:
        pairs = zip(lines, rows, strict=True)
        cells = [_cell(row, column, line) for line, row in pairs]  # pyright: ignore
    if column.decimal_comma:
        # 1.234 is a number here, and as text it is one thousand.
        cells = [str(c).replace(".", ",") if _is_float(c) else c for c in cells]
    if column.kind == "category":
        return [category_of(cell, column) for cell in cells]
    return list(map(_text, cells))


def category_of(cell: Cell, column: InputColumn) -> str:
    """Returns a cell as a column of categories names it, whatever wrote it.

    Files and JSON write one thing in several ways: `3` and `3.0`, `True` and `true`.

    >>> column = InputColumn("code", "category", ("3", "true"))
    >>> category_of(3.0, column), category_of(True, column), category_of("3.0", column)
    ('3', 'true', '3.0')
    """
    text = _text(cell)
    if isinstance(cell, bool | np.bool_):
        names = (text, str(cell))
    elif _is_float(cell):
        names = (text, text.removesuffix(".0"))
    else:
        return text
    return next((name for name in names if name in column.categories), text)


def _is_float(cell: Cell) -> bool:
    return isinstance(cell, float | np.floating)


def _cell(row: Mapping[str, Cell], column: InputColumn, line: int) -> Cell:
    if column.name not in row:
        raise DatasetError(
            f"line {line} has no column {column.name!r}; leave its value empty (null "
            "in JSON) where it is missing."
        )
    return row[column.name]


def _text(cell: Cell) -> str:
    """Returns a cell as it stands in a file; nothing for a missing value."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool | np.bool_):
        return str(cell).lower()
    return "" if cell is None else str(cell)


def _wrong_cell(column: InputColumn, line: int, cell: str, wanted: str) -> DatasetError:
    return DatasetError(f"line {line}, column {column.name!r}: {cell!r} is {wanted}.")


def _numbers(column: InputColumn, cells: list[str], lines: Sequence[int]) -> np.ndarray:
    texts = [forms.with_point(c) if column.decimal_comma else c for c in cells]
    if column.is_percent:
        texts = [text.removesuffix("%").rstrip() for text in texts]
    read = forms.numbers(texts)
    if read is None:
        read = forms.numbers(forms.without_gaps(texts))
    if read is None or (read.is_percent and not column.is_percent):
        triples = zip(lines, cells, texts, strict=True)
        values = np.array([_number(column, *each) for each in triples])
    else:
        values = read.values
    with np.errstate(over="ignore"):
        is_infinite = np.isinf(values.astype("float32"))
    for place in np.flatnonzero(is_infinite)[:1]:
        raise _wrong_cell(column, lines[place], cells[place], "beyond float32")
    return values


def _number(column: InputColumn, line: int, cell: str, text: str) -> float:
    read = forms.numbers(forms.without_gaps([_OF_JSON.get(text, text)]))
    if read is None or (read.is_percent and not column.is_percent):
        raise _wrong_cell(column, line, cell, "not a number")
    return float(read.values[0])


def _booleans(
    column: InputColumn, cells: list[str], lines: Sequence[int]
) -> list[float]:
    values = []
    for line, cell in zip(lines, cells, strict=True):
        value = np.nan if forms.is_missing(cell) else TRUTHS.get(cell.lower())
        if value is None:
            raise _wrong_cell(column, line, cell, "neither yes nor no, true nor false")
        values.append(value)
    return values


def _categories(
    column: InputColumn, cells: list[str], lines: Sequence[int]
) -> list[float]:
    ids = {name: float(place) for place, name in enumerate(column.categories)}
    return [np.nan if forms.is_missing(c) else ids.get(c, UNKNOWN) for c in cells]


def _dates(column: InputColumn, cells: list[str], lines: Sequence[int]) -> list[float]:
    pairs = zip(lines, cells, strict=True)
    return [_date(column, line, cell) for line, cell in pairs]


def _date(column: InputColumn, line: int, cell: str) -> float:
    if forms.is_missing(cell):
        return np.nan
    for form in dict.fromkeys((column.date_format, "")):
        try:
            return seconds(cell, form) / _DAY
        except ValueError:
            continue
    form = f"{column.date_format} or " if column.date_format else ""
    raise _wrong_cell(column, line, cell, f"no date (written as {form}ISO 8601)")


_ENCODERS = {
    "number": _numbers,
    "boolean": _booleans,
    "category": _categories,
    "date": _dates,
}
