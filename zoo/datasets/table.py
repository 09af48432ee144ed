"""The table in a CSV file, perhaps compressed with gzip."""

import collections
import csv
import dataclasses
from pathlib import Path

import numpy as np

from zoo.datasets.charset import read_lines
from zoo.errors import DatasetError

SUFFIXES = (".csv", ".csv.gz")
_DELIMITERS = ",;\t"


@dataclasses.dataclass(frozen=True)
class Table:
    """What a CSV file holds, as text.

    Args:
        path: The file.
        header: Names of the columns.
        rows: As wide as the header.
        lines: Where in the file each row ends, counted from 1.
    """

    path: Path
    header: list[str]
    rows: list[list[str]]
    lines: list[int]

    def index(self, name: str) -> int:
        """Returns the index of the column of this name.

        Raises:
            DatasetError: If there is none.
        """
        if name not in self.header:
            raise DatasetError(
                f"{self.path} has no column {name!r}; it has {', '.join(self.header)}."
            )
        return self.header.index(name)

    def numbers(self, columns: list[int]) -> np.ndarray:
        """Returns columns as numbers of shape (rows, columns).

        Raises:
            DatasetError: If a cell is not a number.
        """
        try:
            return np.array([[row[c] for c in columns] for row in self.rows], float)
        except ValueError:
            self._complain(columns)
            raise

    def _complain(self, columns: list[int]) -> None:
        for line, row in zip(self.lines, self.rows, strict=True):
            for column in columns:
                if not _is_number(row[column]):
                    raise DatasetError(
                        f"{self.path}, line {line}, column {self.header[column]!r}: "
                        f"{row[column]!r} is not a number; correct it, or leave the "
                        "column or the row out."
                    )


def read_table(path: Path, charset: str | None = None) -> Table:
    """Reads a CSV file whose first row names the columns.

    The delimiter is a comma, semicolon or tab: what the first row has most.

    Raises:
        DatasetError: If the file is damaged or empty, a row has a column too many or
            too few, or the first row holds measurements.
    """
    content = read_lines(path, charset)
    first = next((line for line in content if line), "")
    reader = csv.reader(content, delimiter=max(_DELIMITERS, key=first.count))
    numbered = [(reader.line_num, row) for row in reader if row]
    if len(numbered) < 2:
        raise DatasetError(f"{path} must hold a header, and rows below it.")
    (_, header), *numbered = numbered
    header = [name.strip() for name in header]
    _check_header(path, header)
    for line, row in numbered:
        if len(row) != len(header):
            raise DatasetError(
                f"{path}, line {line} has {len(row)} columns, the header {len(header)}."
            )
    lines, rows = map(list, zip(*numbered, strict=True))
    return Table(path, header, rows, lines)


def _check_header(path: Path, header: list[str]) -> None:
    # Columns that are numbered have a header of numbers, too.
    wrong = [name for name in header if _is_number(name) and not name.isdigit()]
    wrong += [name for name, n in collections.Counter(header).items() if n > 1]
    if wrong:
        raise DatasetError(
            f"{path}: the first row must hold a name for each column, all of them "
            f"different, and holds {wrong[0]!r}; put a row of names above the others."
        )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
