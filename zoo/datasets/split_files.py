"""A folder with a file for each split: `train.csv`, `valid.csv`, `test.csv`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zoo.datasets import csv_file, json_lines, text_file, tree_file
from zoo.datasets.column import Column
from zoo.datasets.dataset import Dataset
from zoo.datasets.dataset_type import DatasetType, register_dataset_type, type_of
from zoo.datasets.picture_file import is_hidden
from zoo.datasets.split_folders import split_of, sub_folders
from zoo.datasets.table import Table, joined
from zoo.datasets.table_dataset import table_dataset
from zoo.datasets.table_file import read_table_file
from zoo.datasets.table_roles import TASKS, with_categories
from zoo.errors import DatasetError

_TABLES = ("csv", "tab_table", "parquet", "excel")
_TEXTS, _JSON, _TREES = ("text",), ("json",), ("trees",)
_KINDS = _TABLES + _TEXTS + _JSON + _TREES


def find_files(folder: Path) -> dict[str, Path]:
    """Returns the file of each split, by its name in any case; none without `train`.

    Raises:
        DatasetError: If two files are for one split.
    """
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        split = split_of(path.name.partition(".")[0])
        kind = None if split is None or is_hidden(path.name) else type_of(path)
        if split is None or kind is None or kind.name not in _KINDS:
            continue
        if split in found:
            raise DatasetError(
                f"{folder}: {found[split].name} and {path.name} are both for {split}; "
                "rename or remove one."
            )
        found[split] = path
    return dict(sorted(found.items())) if "train" in found and len(found) > 1 else {}


def load(folder: Path, **given: Any) -> Dataset:
    """Loads the files of a folder, which have one form; that of `train` decides.

    Args:
        folder: That holds them.
        given: Options of reading that the type of its files takes.

    Raises:
        DatasetError: If a file is damaged, or they do not belong together.
    """
    files = find_files(folder)
    kind = type_of(files["train"])
    assert kind is not None  # see `find_files`
    if not kind.tasks:
        given.pop("task", None)
    for key in given:
        if key not in (*kind.options, "task"):
            raise DatasetError(
                f"`{key}` has no meaning for {files['train']}, which is {kind.help}; "
                "leave it out."
            )
    if kind.name in _JSON:
        return json_lines.load_splits(str(folder), files, **given)
    if kind.name in _TREES:
        return tree_file.load_splits(str(folder), files, **given)
    if kind.name in _TEXTS:
        return text_file.load_splits(str(folder), files, **given)
    given.pop("kind", None)
    table = _table(folder, files, given.pop("charset", None), **_header(given))
    return table_dataset(table, **given)


def _header(given: dict[str, Any]) -> dict[str, bool]:
    return {"no_header": given.pop("no_header", False)}


def _table(
    folder: Path, files: Mapping[str, Path], charset: str | None, *, no_header: bool
) -> Table:
    tables = {
        part: read_table_file(path, charset, no_header=no_header)
        for part, path in files.items()
    }
    return joined(folder, tables)


def _columns(
    folder: str | Path,
    charset: str | None = None,
    *,
    no_header: bool = False,
    **roles: Any,
) -> list[Column]:
    files = find_files(Path(folder))
    kind = type_of(files["train"])
    if kind is None or kind.name not in _TABLES:
        return []
    table = _table(Path(folder), files, charset, no_header=no_header)
    return with_categories(table, roles).columns


def _matches(path: str | Path) -> bool:
    folder = Path(path)
    # Beside folders, of pictures say, tables tell of these.
    return folder.is_dir() and not sub_folders(folder) and bool(find_files(folder))


register_dataset_type(
    DatasetType(
        name="split_files",
        help="a folder with a file for each split (train.csv, valid.csv, test.csv)",
        matches=_matches,
        load=lambda path, data_dir, **given: load(Path(path), **given),
        priority=17,
        options=(*csv_file.OPTIONS, "kind"),
        tasks=TASKS,
        columns=_columns,
    )
)
