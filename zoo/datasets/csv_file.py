"""A table of measurements in a CSV file, perhaps compressed with gzip."""

from pathlib import Path
from typing import Any

from zoo.datasets import series
from zoo.datasets.column import Column
from zoo.datasets.dataset import Dataset
from zoo.datasets.dataset_type import register_file_type
from zoo.datasets.table import SUFFIXES, read_table
from zoo.datasets.table_dataset import table_dataset
from zoo.datasets.table_roles import ROLES, TASKS, with_categories

OPTIONS = ("charset", "no_header", *ROLES)


def columns(
    path: str | Path,
    charset: str | None = None,
    *,
    no_header: bool = False,
    **roles: Any,
) -> list[Column]:
    """Describes the columns of a CSV file, whatever their roles."""
    table = read_table(Path(path), charset, no_header=no_header)
    return with_categories(table, roles).columns


@register_file_type(
    "csv", *SUFFIXES, help="a .csv table", options=OPTIONS, tasks=TASKS, columns=columns
)
def load(
    path: Path,
    charset: str | None = None,
    *,
    no_header: bool = False,
    **roles: Any,
) -> Dataset:
    """Loads a CSV file: measurements or texts, and a label or quantities.

    A file of one column is a series, see `series.column`; others are what
    `table_dataset` makes of them.

    Args:
        path: The file.
        charset: Its character encoding; UTF-8 if None.
        no_header: Whether its first row holds values whatever it looks like.
        roles: Task, target, features and what to ignore, see `table_dataset`.

    Raises:
        DatasetError: If it is not a table, nothing can be learned from it, or several
            columns may be that of labels.
    """
    table = read_table(path, charset, no_header=no_header)
    if len(table.header) == 1:
        group = roles.get("group")
        return series.column(path, charset=charset, no_header=no_header, group=group)
    return table_dataset(table, **roles)
