"""A table in a sheet of an Excel file, read by openpyxl."""

import contextlib
import datetime
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo import bounds
from zoo.datasets.column import Column
from zoo.datasets.dataset import Dataset
from zoo.datasets.dataset_type import register_file_type
from zoo.datasets.finding import flags
from zoo.datasets.table import Table, table_of_rows
from zoo.datasets.table_dataset import table_dataset
from zoo.datasets.table_roles import ROLES, TASKS, with_categories
from zoo.errors import DatasetError, ZooError, reason

if TYPE_CHECKING:
    from openpyxl import Workbook

OPTIONS = ("sheet", "no_header")


def columns(path: str | Path, **options: Any) -> list[Column]:
    """Describes the columns of a sheet, whatever their roles."""
    given = {key: options[key] for key in OPTIONS if key in options}
    return with_categories(read_sheet(Path(path), **given, least=2), options).columns


@register_file_type(
    "excel",
    ".xlsx",
    help="an .xlsx table",
    options=(*OPTIONS, *ROLES),
    tasks=TASKS,
    columns=columns,
)
def load(
    path: Path, *, sheet: str | None = None, no_header: bool = False, **roles: Any
) -> Dataset:
    """Loads a sheet of an Excel file, see `table_dataset`.

    Args:
        path: The file.
        sheet: Name of the sheet; the first one if None.
        no_header: Whether its first row holds values whatever it looks like.
        roles: Task, target, features and what to ignore.

    Raises:
        DatasetError: If it is damaged, nothing can be learned from it, or openpyxl is
            missing.
    """
    table = read_sheet(path, sheet, no_header=no_header, least=2)
    return table_dataset(table, **roles)


def read_sheet(
    path: Path,
    sheet: str | None = None,
    *,
    no_header: bool = False,
    least: int = 1,
) -> Table:
    """Reads a sheet: cells as they would stand in a CSV file, formulas as their values.

    Empty rows are left out, and empty columns at the right.

    Args:
        path: The file.
        sheet: Name of the sheet; the first one if None.
        no_header: Whether its first row holds values whatever it looks like.
        least: Number of columns of a table.

    Raises:
        DatasetError: If it is damaged, has no such sheet, the first of several holds
            no table, or openpyxl is missing.
    """
    with _opened(path) as workbook:
        if sheet is not None and sheet not in workbook.sheetnames:
            raise DatasetError(
                f"{path} has no sheet {sheet!r}; it has "
                f"{', '.join(map(repr, workbook.sheetnames))}."
            )
        chosen = workbook[sheet or workbook.sheetnames[0]]
        rows = list(_rows(chosen))
        others = workbook.sheetnames[1:]
    width = max((len(row) for _, row in rows), default=0)
    if width < least and sheet is None and others:
        given = " or ".join(flags("sheet", [name]) for name in others)
        raise DatasetError(
            f"{path}: its first sheet, {chosen.title!r}, holds no table; choose "
            f"another: {given}."
        )
    # A title above the table stays one cell, which distinguishes it from a header.
    filled = [
        (line, row if i == 0 and len(row) == 1 else row + [""] * (width - len(row)))
        for i, (line, row) in enumerate(rows)
    ]
    return table_of_rows(path, filled, no_header=no_header)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator["Workbook"]:
    try:
        import openpyxl
    except ImportError as error:
        raise DatasetError(
            f"{path}: Excel files are read by openpyxl: "
            'pip install "keras-serving-zoo[tables]".'
        ) from error
    if not path.is_file():
        raise DatasetError(f"There is no file {path}; check the path.")
    try:
        with zipfile.ZipFile(path) as file:
            bounds.check_members(path, file)
        with contextlib.closing(
            openpyxl.load_workbook(path, read_only=True, data_only=True)
        ) as workbook:
            yield workbook
    except ZooError:
        raise
    except Exception as error:  # openpyxl lets through whatever its parsers stumble on
        raise DatasetError(
            f"{path} is not a readable .xlsx file ({reason(error)}); save it "
            "anew, or as .csv."
        ) from error


def _rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    sheet.reset_dimensions()  # a file may say that it has 17 billion cells
    for line, row in enumerate(sheet.iter_rows(values_only=True), 1):
        cells = [_text(value) for value in row]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield line, cells


def _text(value: Any) -> str:
    """Returns a value as it would stand in a CSV file."""
    if value is None:
        return ""
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value).strip()
