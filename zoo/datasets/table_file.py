"""A table in a file of any form that tables have, by the end of its name."""

from pathlib import Path

from zoo.datasets.excel_file import read_sheet
from zoo.datasets.parquet_file import read_parquet
from zoo.datasets.table import Table, read_table

SUFFIXES = (
    ".csv",
    ".csv.gz",
    ".tsv",
    ".tsv.gz",
    ".parquet",
    ".pq",
    ".xlsx",
)  # in any case


def split_column(name: str) -> tuple[str, str] | None:
    """Divides a table from a column of it, whose name may hold colons.

    Returns:
        Both; None of what names no column of a table.

    >>> split_column("C:/my.csv/t.CSV:temp: max")
    ('C:/my.csv/t.CSV', 'temp: max')
    >>> split_column("t.csv") is None
    True
    """
    for place, letter in enumerate(name):
        if letter == ":" and name[:place].lower().endswith(SUFFIXES):
            return name[:place], name[place + 1 :]
    return None


def read_table_file(
    path: Path,
    charset: str | None = None,
    *,
    no_header: bool = False,
    sheet: str | None = None,
) -> Table:
    """Reads a table.

    Args:
        path: The file.
        charset: Character encoding of a text file.
        no_header: Whether the first row holds values whatever it looks like.
        sheet: Name of the sheet of an Excel file; the first one if None.

    Raises:
        DatasetError: If it is none.
    """
    if path.suffix.lower() in (".parquet", ".pq"):
        return read_parquet(path)
    if path.suffix.lower() == ".xlsx":
        return read_sheet(path, sheet, no_header=no_header)
    return read_table(path, charset, no_header=no_header)
