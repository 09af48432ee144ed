"""Answers as a CSV file."""

import csv
from pathlib import Path

from zoo.inference.answers.table import Columns
from zoo.inference.answers.writer import Writer, plain


class CsvWriter(Writer):
    """A header, and a line for each row."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._rows = csv.writer(self._file, lineterminator="\n")
        self._has_header = False

    def write(self, columns: Columns) -> None:
        """See `Writer.write`."""
        if not self._has_header:
            self._rows.writerow(columns)
            self._has_header = True
        self._rows.writerows(zip(*map(plain, columns.values()), strict=True))

    def close(self) -> None:
        """See `Writer.close`."""
        self._file.close()
