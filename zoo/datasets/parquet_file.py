"""A table in a Parquet file, read by pyarrow."""

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.datasets.column import Column
from zoo.datasets.dataset import Dataset
from zoo.datasets.dataset_type import register_file_type
from zoo.datasets.finding import Finding, listed
from zoo.datasets.table import Table, check_header
from zoo.datasets.table_dataset import table_dataset
from zoo.datasets.table_roles import ROLES, TASKS, with_categories
from zoo.errors import BoundError, DatasetError, reason

if TYPE_CHECKING:
    import pyarrow
    from pyarrow.parquet import ParquetFile

MAX_CELLS = 200_000_000  # a run of equal values takes no space in the file


def columns(path: str | Path, **roles: Any) -> list[Column]:
    """Describes the columns of a Parquet file, whatever their roles."""
    return with_categories(read_parquet(Path(path)), roles).columns


@register_file_type(
    "parquet",
    ".parquet",
    ".pq",
    help="a .parquet table",
    options=ROLES,
    tasks=TASKS,
    columns=columns,
)
def load(path: Path, **roles: Any) -> Dataset:
    """Loads a Parquet file, see `table_dataset`.

    Args:
        path: The file.
        roles: Task, target, features and what to ignore.

    Raises:
        DatasetError: If it is damaged, nothing can be learned from it, or pyarrow is
            missing.
    """
    return table_dataset(read_parquet(path), **roles)


def read_parquet(path: Path) -> Table:
    """Reads a Parquet file: cells as they would stand in a CSV file.

    Columns of lists, structures and bytes are left out, which a finding says.

    Raises:
        DatasetError: If it is damaged, has no rows, or pyarrow is missing.
    """
    with open_parquet(path) as file:
        from pyarrow import ArrowException

        cells = file.metadata.num_rows * file.metadata.num_columns
        if cells > MAX_CELLS:
            raise BoundError(
                f"{path} holds {cells:,} cells, more than the {MAX_CELLS:,} that are "
                "read at once; take a sample of its rows."
            )
        fields = list(file.schema_arrow)
        names = [field.name for field in fields if _is_flat(field.type)]
        left_out = [field.name for field in fields if not _is_flat(field.type)]
        try:
            table = file.read(names)
        except (ArrowException, OSError) as error:
            raise DatasetError(
                f"{path} is damaged: {reason(error)} Copy it again."
            ) from error
    check_header(path, names)
    if not table.num_rows or not names:
        raise DatasetError(f"{path} holds no rows, or no columns of numbers or words.")
    texts = [[_text(value) for value in column.to_pylist()] for column in table.columns]
    findings = []
    if left_out:
        what = f"{listed(left_out)} hold lists, structures or bytes: left out"
        findings.append(Finding("nested", what, level="warning"))
    rows = [list(row) for row in zip(*texts, strict=True)]
    lines = list(range(1, len(rows) + 1))
    return Table(path, names, rows, lines, findings=tuple(findings))


def open_parquet(path: Path) -> "ParquetFile":
    """Opens a Parquet file.

    Raises:
        DatasetError: If it is missing or damaged, or pyarrow is missing.
    """
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise DatasetError(
            f"{path}: Parquet files are read by pyarrow: "
            'pip install "keras-serving-zoo[tables]".'
        ) from error
    if not path.is_file():
        raise DatasetError(f"There is no file {path}; check the path.")
    try:
        return ParquetFile(path)
    except (ArrowException, OSError) as error:
        raise DatasetError(
            f"{path} is not a readable Parquet file: {reason(error)}"
        ) from error


def _is_flat(kind: "pyarrow.DataType") -> bool:
    from pyarrow import types

    if types.is_dictionary(kind):
        return _is_flat(kind.value_type)
    is_number = types.is_integer(kind) or types.is_floating(kind)
    is_time = types.is_date(kind) or types.is_timestamp(kind)
    is_text = types.is_string(kind) or types.is_large_string(kind)
    is_other = types.is_boolean(kind) or types.is_decimal(kind) or types.is_null(kind)
    return is_number or is_time or is_text or is_other


def _text(value: Any) -> str:
    """Returns a value as it would stand in a CSV file."""
    if value is None:
        return ""
    if isinstance(value, datetime.date):  # and times
        return value.isoformat()
    return str(value).strip()
