"""A CSV file that names pictures or sounds, with what is to be learned of each."""

import dataclasses
import re
from collections.abc import Sequence
from pathlib import Path, PureWindowsPath
from typing import Any

import numpy as np

from zoo.datasets import csv_file
from zoo.datasets.cells import is_missing
from zoo.datasets.column import Column
from zoo.datasets.dataset import Dataset, Split
from zoo.datasets.dataset_type import FILES, DatasetType, register_dataset_type
from zoo.datasets.file_groups import divided_by_group
from zoo.datasets.file_targets import TASKS, targets_of
from zoo.datasets.finding import Finding
from zoo.datasets.picture_file import SUFFIXES as PICTURES
from zoo.datasets.read_images import LARGEST_PIXEL, read_images
from zoo.datasets.read_sounds import read_sounds
from zoo.datasets.sound_file import is_sound
from zoo.datasets.split_folders import split_of, sub_folders
from zoo.datasets.table import Table, read_table
from zoo.errors import DatasetError

TABLES = (".csv", ".tsv")  # in any case
_IMAGE_OPTIONS, _SOUND_OPTIONS = ("fit", "size", "colour"), ("rate", "seconds")
OPTIONS = (
    *("charset", "no_header", "target", "ignore", "group", "test_group"),
    *(*_IMAGE_OPTIONS, *_SOUND_OPTIONS),
)
_SPLITS = ("split", "set", "subset", "partition")
_USUAL = (".png", ".jpg", ".jpeg", ".JPG", ".tif", ".bmp", ".webp", ".wav", ".flac")
_STEM = re.compile(r"[\w .()-]{1,100}")
_FIRST = 19  # rows by which it is recognized
_LOOKED_AT = 64 * 1024  # bytes of a file by which it is recognized


def load(
    path: Path,
    charset: str | None = None,
    *,
    no_header: bool = False,
    task: str | None = None,
    target: Sequence[str] = (),
    ignore: Sequence[str] = (),
    group: str | None = None,
    test_group: Sequence[str] = (),
    **options: Any,
) -> Dataset:
    """Loads the files that a table names, with their labels or numbers.

    One column names the files, by paths from the folder of the table or one of its
    sub-folders. The others, but for one called `split`, hold what is learned, see
    `file_targets.targets_of`.

    Args:
        path: The table.
        charset: Its character encoding; UTF-8 if None.
        no_header: Whether its first row holds values whatever it looks like.
        task: `classification`, `multi_label` or `regression`; what the targets look
            like if None.
        target: Names of the columns to learn; all that are left if none.
        ignore: Names of columns to leave out.
        group: Name of the column with the group of each file; no group stands in two
            splits.
        test_group: Groups of the test split; drawn if none.
        options: `fit`, `size` and `colour` of pictures, as for `image_folder.load`;
            `rate` and `seconds` of sounds, as for `sound_folder.load`.

    Raises:
        DatasetError: If a file is missing or unreadable, or it is not clear what is to
            be learned.
    """
    table = read_table(path, charset, no_header=no_header)
    table = _with_files(table, _file_column(path, table))
    named = _file_column(path, table)
    split = _split_column(table)
    for name in (*ignore, *target, *filter(None, [group])):
        table.index(name)
    taken = {named.name, *ignore, *filter(None, [split, group])}
    columns = [c for c in table.columns if c.name not in taken]
    if target:
        columns = [column for column in columns if column.name in target]
    targets = targets_of(path, columns, task)
    rows = targets.known
    paths = _paths(path, table, named)
    divided, more = _divided(path, table, rows, split, group, test_group)
    chosen = {part: [paths[row] for row in found] for part, found in divided.items()}
    images, sounds = (
        {key: options[key] for key in names if key in options}
        for names in (_IMAGE_OPTIONS, _SOUND_OPTIONS)
    )
    x, sampling_rate, findings = _read(path, chosen, images, sounds)
    splits = {part: Split(x[part], targets.y[divided[part]]) for part in x}
    data = targets.make(str(path), splits)
    cells = np.array(table.columns[table.index(group)].cells, object) if group else None
    groups = {} if cells is None else {k: cells[held] for k, held in divided.items()}
    first = Finding("files", f"files in {named.name!r}, {targets.what}")
    found = (*table.findings, first, *targets.findings, *more, *data.findings)
    return dataclasses.replace(
        data,
        sampling_rate=sampling_rate,
        largest_pixel=LARGEST_PIXEL if sampling_rate is None else None,
        findings=(*found, *findings),
        groups=groups,
    )


def _file_column(path: Path, table: Table) -> Column:
    """The first column of the names of pictures or sounds, with or without suffix."""
    for column in table.columns:
        if _are_files(column.present):
            return column
    for column in table.columns:
        if _are_stems(path, column.present[:_FIRST]):
            return column
    raise DatasetError(
        f"{path}: no column holds names of pictures or sounds in all rows; correct "
        "them, or leave the other rows out."
    )


def _with_files(table: Table, named: Column) -> Table:
    """Returns the table without the rows that name no file, and says how many."""
    gone = np.array([is_missing(cell) for cell in named.cells])
    if not gone.any():
        return table
    first = table.lines[int(np.flatnonzero(gone)[0])]
    what = (
        f"{gone.sum():,} of {len(gone):,} rows name no file in {named.name!r}, the "
        f"first in line {first}: left out"
    )
    finding = Finding("missing_files", what, level="warning")
    return dataclasses.replace(table.without(gone), findings=(*table.findings, finding))


def _are_files(cells: Sequence[str]) -> bool:
    return bool(cells) and all(map(_is_file_name, cells))


def _is_file_name(cell: str) -> bool:
    suffix = Path(cell).suffix.lower()
    return suffix in PICTURES or is_sound(Path(cell))


def _split_column(table: Table) -> str | None:
    for column in table.columns:
        if column.name.lower() in _SPLITS and all(map(split_of, column.cells)):
            return column.name
    return None


def _paths(path: Path, table: Table, named: Column) -> list[Path]:
    """Returns the path of the file of each row, by where the first one lies."""
    found = _of_stem(path, named.cells[0])
    if found is not None:
        paths = [found.parent / f"{cell}{found.suffix}" for cell in named.cells]
    else:
        folder, cut = _place(path, named.cells[0]) or (path.parent, 0)
        paths = [folder.joinpath(*_parts(cell)[cut:]) for cell in named.cells]
    missing = [row for row, found in enumerate(paths) if not found.is_file()]
    if missing:
        first = missing[0]
        raise DatasetError(
            f"{path}: {len(missing):,} of {len(paths):,} files are missing, the first "
            f"in line {table.lines[first]} ({paths[first]}); add them, or leave their "
            "rows out."
        )
    return paths


def _place(table: Path, cell: str) -> tuple[Path, int] | None:
    """Finds a file that a table names, perhaps by its path on another machine.

    Returns:
        The folder, and how many parts of the name lead to it there; None if it is not
        found.
    """
    parts = _parts(cell)
    is_absolute = PureWindowsPath(cell).is_absolute() or cell.startswith("/")
    places = [table.parent, *sub_folders(table.parent)]
    for cut in range(len(parts)) if is_absolute else (0,):
        for place in places:
            if place.joinpath(*parts[cut:]).is_file():
                return place, cut
    return None


def _parts(cell: str) -> tuple[str, ...]:
    """The parts of a path, which Windows separates by backslashes."""
    return Path(cell.replace("\\", "/")).parts


def _divided(
    path: Path,
    table: Table,
    rows: np.ndarray,
    split: str | None,
    group: str | None,
    test_group: Sequence[str],
) -> tuple[dict[str, list[int]], list[Finding]]:
    """Returns the rows of each split; of `train` alone where the others are drawn."""
    numbers: list[int] = rows.tolist()
    found: dict[str, list[int]] = {"train": numbers}
    if split is not None:
        cells = table.columns[table.index(split)].cells
        found = {}
        for row in numbers:
            found.setdefault(str(split_of(cells[row])), []).append(row)
        if "train" not in found:
            raise DatasetError(f"{path}: no row is for training by its {split!r}.")
    if group is not None:
        column = table.columns[table.index(group)].cells
        groups = {part: [column[row] for row in held] for part, held in found.items()}
        return divided_by_group(str(path), found, groups, test_group)
    if test_group:
        raise DatasetError(
            f"{path}: --test-group needs --group, the column of the groups."
        )
    return found, []


def _read(
    path: Path,
    paths: dict[str, list[Path]],
    images: dict[str, Any],
    sounds: dict[str, Any],
) -> tuple[dict[str, Any], int | None, list[Finding]]:
    """Reads pictures or sounds, with the options that are given for each."""
    everything = [each for found in paths.values() for each in found]
    heard = sum(map(is_sound, everything))
    if 0 < heard < len(everything):
        raise DatasetError(
            f"{path} names {heard:,} sounds and {len(everything) - heard:,} pictures; "
            "a table of each is read."
        )
    others, what = (images, "sounds") if heard else (sounds, "pictures")
    if others:
        raise DatasetError(
            f"`{next(iter(others))}` has no meaning for {path}, which names {what}; "
            "leave it out."
        )
    if heard:
        return read_sounds(paths, **sounds)
    x, findings = read_images(paths, **images)
    return x, None, findings


def _of_stem(table: Path, cell: str) -> Path | None:
    """Returns the file whose name a cell is, without its suffix; None if there is none.

    Kaggle's tables call pictures so.
    """
    if not _STEM.fullmatch(cell) or _is_file_name(cell):
        return None
    for place in (table.parent, *sub_folders(table.parent)):
        for suffix in _USUAL:
            if (place / f"{cell}{suffix}").is_file():
                return place / f"{cell}{suffix}"
    return None


def _are_stems(table: Path, cells: Sequence[str]) -> bool:
    """Whether cells name a file each, and no two the same, as those of classes do."""
    is_each_another = 0 < len(cells) == len(set(cells))
    return is_each_another and all(_of_stem(table, cell) for cell in cells)


def matches(path: str | Path) -> bool:
    """Whether a file is a table that names pictures or sounds near it."""
    table = Path(path)
    if table.suffix.lower() not in TABLES or not table.is_file():
        return False
    with table.open("rb") as file:
        lines = file.read(_LOOKED_AT).decode("latin-1").splitlines()[: _FIRST + 1]
    rows = [
        [cell.strip().strip('"') for cell in re.split(r"[,;\t|]", line)]
        for line in lines
    ]
    named = filter(_is_file_name, {cell for row in rows for cell in row})
    if any(_place(table, cell) for cell in named):
        return True
    return any(_are_stems(table, cells) for cells in zip(*rows[1:], strict=False))


register_dataset_type(
    DatasetType(
        name="file_table",
        help="a .csv table that names pictures or sounds, and their labels",
        matches=matches,
        load=lambda path, data_dir, **given: load(Path(path), **given),
        priority=FILES + 2,
        options=OPTIONS,
        tasks=TASKS,
        columns=csv_file.columns,
    )
)
