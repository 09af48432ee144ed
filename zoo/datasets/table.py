"""The table in a CSV file, perhaps compressed with gzip."""

import collections
import csv
import dataclasses
import functools
import shlex
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from zoo.datasets.cells import is_ambiguous, is_missing, is_number
from zoo.datasets.charset import read_lines
from zoo.datasets.column import Column, column
from zoo.datasets.dataset import Split
from zoo.datasets.dialect import (
    Rows,
    choose_form,
    extended_header,
    has_header,
    read_rows,
    without_preamble,
)
from zoo.datasets.finding import Finding, listed
from zoo.datasets.table_rows import OtherRows
from zoo.errors import DatasetError

_GZIP = b"\x1f\x8b"
_OTHERS = {
    b"pk\x03\x04": "is an Excel or a zip file; call it .xlsx, or unpack it",
    b"\xd0\xcf\x11\xe0": "is an old Excel file; save it as .xlsx or CSV",
    b"par1": "is a Parquet file; call it .parquet",
    _GZIP: "is compressed with gzip; call it .csv.gz",
    b"<": "is HTML or XML, perhaps a page that was saved for the file; save the data",
}
SUFFIXES = (".csv", ".csv.gz")  # in any case


@dataclasses.dataclass(frozen=True)
class Table:
    """What a file of rows and columns holds, as text.

    Args:
        path: The file.
        header: Names of the columns; `1`, `2`, ... without a header.
        rows: As wide as the header, cells stripped.
        lines: Where in the file each row ends, counted from 1.
        has_header: Whether its first row names the columns.
        findings: What was decided by the content.
        parts: Split of each row, where there is a file for each.
        categories: Names of the columns whose values are names, whatever they look
            like.
    """

    path: Path
    header: list[str]
    rows: list[list[str]]
    lines: list[int]
    has_header: bool = True
    findings: tuple[Finding, ...] = ()
    parts: Sequence[str] = ()
    categories: Sequence[str] = ()

    def index(self, name: str) -> int:
        """Returns the index of the column of this name.

        Raises:
            DatasetError: If there is none.
        """
        if name not in self.header:
            places = ", by their places" if not self.has_header else ""
            raise DatasetError(
                f"{self.path} has no column {name!r}; it has "
                f"{', '.join(self.header)}{places}."
            )
        return self.header.index(name)

    @functools.cached_property
    def columns(self) -> list[Column]:
        """What each column holds."""
        cells = zip(*self.rows, strict=True)
        found = [column(*pair) for pair in zip(self.header, cells, strict=True)]
        if any(each.has_comma for each in found):
            found = [each.with_commas() for each in found]
        return [c.as_category() if c.name in self.categories else c for c in found]

    def without(self, dropped: np.ndarray) -> "Table":
        """Returns the table without some of its rows."""
        kept = np.flatnonzero(~dropped).tolist()
        rows, lines, parts = (
            [each[i] for i in kept] if each else each
            for each in (self.rows, self.lines, self.parts)
        )
        return dataclasses.replace(self, rows=rows, lines=lines, parts=parts)

    def divided(self, x: np.ndarray, y: np.ndarray) -> dict[str, Split]:
        """Divides what was made of the rows as the files do; all of one is `train`."""
        if not self.parts:
            return {"train": Split(x, y)}
        parts = np.array(self.parts)
        chosen = {part: parts == part for part in dict.fromkeys(self.parts)}
        return {part: Split(x[rows], y[rows]) for part, rows in chosen.items()}

    def numbers(self, name: str) -> np.ndarray:
        """Returns a column as numbers, NaN where they are missing.

        Raises:
            DatasetError: If there is no such column, or a cell is not a number.
        """
        found = self.columns[self.index(name)]
        if found.values is None:
            raise DatasetError(f"{self.path}, {self.wrong_cell(found)}.")
        return found.values

    def wrong_cell(self, found: Column) -> str:
        """Says where a column holds something else than a number first."""
        place = next(
            (
                i
                for i, cell in enumerate(found.cells)
                if not (is_number(cell) or is_missing(cell))
            ),
            None,
        )
        if place is None:
            return f"column {found.name!r} holds no values"
        cell = found.cells[place]
        where = f"line {self.lines[place]}, column {found.name!r}: {cell!r}"
        alike = found.cells.count(cell)
        if is_ambiguous(cell):
            return f"{where} may be thousands or have a decimal comma; write a point"
        if cell.endswith("%") and not all(c.endswith("%") for c in found.present):
            return f"{where} is per cent, and others are not; write all alike"
        more = f", nor are {alike - 1} more such cells" if alike > 1 else ""
        return f"{where} is not a number{more}"


def read_table(
    path: Path, charset: str | None = None, *, no_header: bool = False
) -> Table:
    """Reads a CSV file: what separates its cells, and its header, are found out.

    Args:
        path: The file.
        charset: Its character encoding; UTF-8, or what its byte order mark says, if
            None.
        no_header: Whether the first row holds values whatever it looks like.

    Raises:
        DatasetError: If the file is damaged or empty, a row has a column too many or
            too few, or two columns have one name.
    """
    _check_content(path)
    lines, said = without_preamble(read_lines(path, charset))
    try:
        form = choose_form(lines)
        rows = list(read_rows(lines, *form))
    except csv.Error as error:
        raise DatasetError(f"{path}, {error}.") from error
    table = table_of_rows(path, rows, no_header=no_header, delimiter=form.delimiter)
    found = [*table.findings]
    if form.quote == "'":
        found.insert(0, Finding("single_quotes", "single quotes stand around cells"))
    if not form.quote:
        what = "double quotes are signs of the texts: one opens a cell and closes none"
        found.insert(0, Finding("double_quotes", what))
    if said:
        what = f"{said} lines above the table that are no rows of it: left out"
        found.insert(0, Finding("preamble", what))
    return dataclasses.replace(table, findings=tuple(found))


def table_of_rows(
    path: Path, rows: Rows, *, no_header: bool = False, delimiter: str = ","
) -> Table:
    """Returns the table of rows, of which the first may be the header.

    Args:
        path: The file.
        rows: Where each ends in the file, and its cells.
        no_header: Whether the first row holds values whatever it looks like.
        delimiter: What separates the cells.

    Raises:
        DatasetError: If there are none, a row has a column too many or too few, or two
            columns have one name.
    """
    findings: list[Finding] = []
    if len(rows) < 2:
        raise DatasetError(f"{path} must hold a header, and rows below it.")
    rows, comments = _without_comments(rows)
    named = not no_header and has_header([row for _, row in rows])
    if named:
        (_, header), *rows = rows
        others = OtherRows(header, rows)
        if others.units and len({*filter(None, header)}) < len([*filter(None, header)]):
            raise _several_levels(path, header, others.units)
        rows = list(others.without(rows))
        if not rows:
            raise DatasetError(f"{path} must hold a header, and rows below it.")
        findings += others.findings()
        longer = extended_header(header, [row for _, row in rows])
        if longer == [*header, ""]:  # a separator ends each row
            rows = [(line, row[:-1]) for line, row in rows]
        else:
            header = longer
    else:
        header = [str(number) for number in range(1, len(rows[0][1]) + 1)]
        if not no_header:
            findings.append(_no_header(header))
    findings += comments
    # As other programs, and keyboards, write an accent.
    header = [unicodedata.normalize("NFC", name) for name in header]
    _check(path, header, rows, delimiter)
    lines_, cells = [line for line, _ in rows], [row for _, row in rows]
    return Table(path, header, cells, lines_, named, tuple(findings))


def joined(folder: Path, tables: Mapping[str, Table]) -> Table:
    """Puts the tables of several splits below each other.

    Args:
        folder: That holds them.
        tables: By split.

    Raises:
        DatasetError: If they have not the same columns.
    """
    first = tables["train"]
    rows, lines, parts = [], [], []
    for part, table in tables.items():
        if set(table.header) != set(first.header):
            raise _other_columns(first, table)
        order = [table.header.index(name) for name in first.header]
        rows += [[row[place] for place in order] for row in table.rows]
        lines += table.lines
        parts += [part] * len(table.rows)
    found = tuple(dict.fromkeys(f for each in tables.values() for f in each.findings))
    return dataclasses.replace(
        first, path=folder, rows=rows, lines=lines, parts=parts, findings=found
    )


def _other_columns(first: Table, other: Table) -> DatasetError:
    lacks = [name for name in first.header if name not in other.header]
    more = [name for name in other.header if name not in first.header]
    whole, poor, names = (first, other, lacks) if lacks else (other, first, more)
    instead = f" (it has {listed(more)})" if lacks and more else ""
    return DatasetError(
        f"{poor.path} lacks {listed(names)}, which {whole.path} has{instead}, and all "
        "splits need the same columns; add them, or give --dataset "
        f"{shlex.quote(str(first.path))} alone and predict for the other file."
    )


def _check_content(path: Path) -> None:
    """Recognizes files of other kinds that were named as a table."""
    if not path.is_file():
        return  # which `read_lines` says
    with path.open("rb") as file:
        start = file.read(256).lstrip().lower()
    is_packed = path.suffix.lower() == ".gz"
    for beginning, what in _OTHERS.items():
        if start.startswith(beginning) and not (is_packed and beginning == _GZIP):
            raise DatasetError(f"{path} {what}.")


def _several_levels(path: Path, header: list[str], below: list[str]) -> DatasetError:
    twice = next(name for name in header if name and header.count(name) > 1)
    two = [f"{twice}_{below[i]}" for i, name in enumerate(header) if name == twice][:2]
    return DatasetError(
        f"{path}: two rows or more name its columns together, as pandas writes columns "
        f"of several levels; write one row of names, such as {two[0]} and {two[1]}: "
        "df.columns = ['_'.join(map(str, c)) for c in df.columns]."
    )


def _no_header(header: list[str]) -> Finding:
    return Finding(
        "no_header",
        "the first row holds values, not names, so there is no header and the columns "
        f"are called 1 to {len(header)}",
    )


def _without_comments(rows: Rows) -> tuple[Rows, tuple[Finding, ...]]:
    """Returns the rows without comments, of which the first row is none."""
    first, *below = rows
    others = OtherRows(None, below)
    kept = list(others.without(below))
    return [first, *kept], others.findings()


def _check(path: Path, header: list[str], rows: Rows, delimiter: str) -> None:
    widths = {len(row) for _, row in rows}
    if len(header) == 1 and len(rows[-1][1]) > 1:
        raise DatasetError(
            f"{path}: the first line, {header[0]!r}, is a title or a comment above the "
            "table; remove it."
        )
    if len(header) == 1 and len(header[0].split()) > 1 and widths == {1}:
        parts = {len(row[0].split()) for _, row in rows}
        if parts == {len(header[0].split())}:
            raise DatasetError(
                f"{path}: spaces separate its columns; write commas or tabs."
            )
    for line, row in rows:
        if len(row) != len(header):
            raise DatasetError(
                f"{path}, line {line} has {len(row)} columns, the header {len(header)};"
                f" quote cells that hold {delimiter!r}, or correct the line."
            )
    empty = {
        i
        for i, cells in enumerate(zip(*[r for _, r in rows], strict=True))
        if not any(cells)
    }
    named = [name for i, name in enumerate(header) if name or i not in empty]
    check_header(path, named)


def check_header(path: Path, names: list[str]) -> None:
    """Checks that no two columns have one name.

    Raises:
        DatasetError: If two have.
    """
    twice = [name for name, n in collections.Counter(names).items() if n > 1]
    if twice:
        raise DatasetError(
            f"{path}: the first row must hold a name for each column, all of them "
            f"different, and holds {twice[0]!r} twice; rename one, or give --no-header "
            "if it holds values."
        )
