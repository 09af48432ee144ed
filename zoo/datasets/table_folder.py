"""A folder with a table that says what is to be learned of the files in it."""

import dataclasses
from pathlib import Path
from typing import Any

from zoo.datasets import csv_file, file_table
from zoo.datasets.column import Column
from zoo.datasets.dataset import Dataset
from zoo.datasets.dataset_type import DatasetType, register_dataset_type
from zoo.datasets.finding import listed
from zoo.datasets.picture_file import holds_pictures
from zoo.datasets.sound_folder import holds_sounds
from zoo.datasets.split_folders import split_of, sub_folders
from zoo.errors import DatasetError


def tables_in(folder: Path) -> list[Path]:
    """Returns the tables in a folder that name pictures or sounds below it."""
    return [path for path in sorted(folder.iterdir()) if file_table.matches(path)]


def load(folder: Path, **given: Any) -> Dataset:
    """Loads the files that the table in a folder names, see `file_table.load`.

    Args:
        folder: Of one such table.
        given: Options of reading that a table of files takes.

    Raises:
        DatasetError: If there are several, or what `file_table.load` raises.
    """
    data = file_table.load(_only(folder), **given)
    return dataclasses.replace(data, name=str(folder))


def _only(folder: Path) -> Path:
    tables = tables_in(folder)
    if len(tables) > 1:
        names = listed([path.name for path in tables])
        raise DatasetError(
            f"{folder} holds {names}, which all name files in it; give the one to "
            f"learn from: --dataset {tables[0]}"
        )
    return tables[0]


def _columns(folder: str | Path, **options: Any) -> list[Column]:
    return csv_file.columns(_only(Path(folder)), **options)


def _matches(path: str | Path) -> bool:
    folder = Path(path)
    return folder.is_dir() and not _holds_classes(folder) and bool(tables_in(folder))


def _holds_classes(folder: Path) -> bool:
    """Whether folders of pictures or sounds are those of classes, and not of splits."""
    inside = [each for each in sub_folders(folder) if _holds(each)]
    below = [each for sub in inside for each in sub_folders(sub)]
    are_splits = all(split_of(each.name) for each in inside)
    return any(map(_holds, below)) or (len(inside) > 1 and not are_splits)


def _holds(folder: Path) -> bool:
    return holds_pictures(folder) or holds_sounds(folder)


register_dataset_type(
    DatasetType(
        name="table_folder",
        help="a folder with a .csv table that names the pictures or sounds in it",
        matches=_matches,
        load=lambda path, data_dir, **given: load(Path(path), **given),
        priority=18,
        options=file_table.OPTIONS,
        tasks=file_table.TASKS,
        columns=_columns,
    )
)
