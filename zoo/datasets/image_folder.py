"""A folder of images with a sub-folder for each class, or of images without labels."""

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from zoo.datasets import file_table
from zoo.datasets.class_folders import Medium, read_class_folders
from zoo.datasets.dataset import Dataset, Split, make_dataset
from zoo.datasets.dataset_type import DatasetType, register_dataset_type
from zoo.datasets.finding import Finding, listed
from zoo.datasets.picture_file import (
    find_pictures,
    holds_pictures,
    is_hidden,
    is_picture,
)
from zoo.datasets.read_images import LARGEST_PIXEL, read_images
from zoo.datasets.split_folders import say_classes, split_of, sub_folders
from zoo.datasets.unlabelled import make_unlabelled_dataset
from zoo.reading import Colour, Fit

IMAGES = Medium("images", find_pictures, holds_pictures)
_TABLES = (".csv", ".tsv", ".xlsx", ".parquet", ".json", ".jsonl")
OPTIONS = ("fit", "size", "colour", "group", "test_group")


def load(
    path: Path,
    *,
    fit: Fit = "resize",
    size: str | None = None,
    colour: Colour | None = None,
    group: str | None = None,
    test_group: Sequence[str] = (),
) -> Dataset:
    """Loads `<path>/<class>/<image>`, or `<path>/<split>/<class>/<image>`.

    The splits have any of their usual names, such as `Training` and `val`. Images are
    upright, on white, of 8 bits. A folder of images without sub-folders of classes
    holds samples without labels.

    Args:
        path: The folder.
        fit: How images get their size, see `picture_fit.fitted`.
        size: Width and height, such as `64x48`; the median ones of the training images
            if None.
        colour: Whether images are `grey` or `rgb`; grey if None where all are.
        group: Where the files' names say a group, such as the camera, see
            `file_groups.groups_of`: no group stands in two splits.
        test_group: Groups of the test split; drawn if none.

    Raises:
        DatasetError: If a class has no images, or one is unreadable or of more than
            16 bits a channel.
    """
    loose = _loose_pictures(path)
    if loose is not None:
        return _unlabelled(path, *read_images(loose, fit, size, colour))
    folders = read_class_folders(path, IMAGES, group, test_group)
    x, findings = read_images(folders.paths, fit, size, colour)
    splits = {part: Split(x[part], folders.targets(part)) for part in x}
    held_out = splits.get("test"), splits.get("validation")
    data = make_dataset(str(path), folders.labels, splits["train"], *held_out)
    found = (*folders.findings, *findings)
    return dataclasses.replace(
        data, findings=found, groups=folders.groups, largest_pixel=LARGEST_PIXEL
    )


def _loose_pictures(path: Path) -> dict[str, list[Path]] | None:
    """Returns the pictures of each split where there are no classes; None if any."""
    inside = [sub for sub in sub_folders(path) if holds_pictures(sub)]
    here = [p for p in path.iterdir() if not is_hidden(p.name) and p.is_file()]
    if not inside:
        pictures = sorted(p for p in here if is_picture(p))
        return {"train": pictures} if pictures else None
    splits = {split_of(sub.name) or "": sub for sub in inside}
    below = [each for sub in inside for each in sub_folders(sub)]
    are_splits = "train" in splits and "" not in splits and len(splits) == len(inside)
    if not are_splits or any(map(holds_pictures, below)):
        return None
    return {part: find_pictures(sub)[0] for part, sub in splits.items()}


def _unlabelled(path: Path, x: dict[str, Any], findings: list[Finding]) -> Dataset:
    held_out = x.get("test"), x.get("validation")
    data = make_unlabelled_dataset(str(path), x["train"], *held_out)
    found = (*data.findings, *_beside(path), *findings)
    return dataclasses.replace(data, findings=found, largest_pixel=LARGEST_PIXEL)


def _say_targets(path: str | Path) -> str:
    if _loose_pictures(Path(path)) is None:
        return say_classes(path)
    return (
        "its images have no labels; give a .csv table with a column of their names and "
        "one of labels: --dataset TABLE.csv --target COLUMN"
    )


def _beside(path: Path) -> Iterator[Finding]:
    """Yields a finding if a table beside the folder says more of its pictures."""
    for table in sorted(path.parent.glob("*.[ct]sv")):
        if file_table.matches(table):
            yield Finding(
                "table_beside",
                f"{table.name} beside the folder names pictures",
                f"--dataset {table} learns what it says of each",
                "warning",
            )
    others = [p.name for p in sorted(path.iterdir()) if p.suffix.lower() in _TABLES]
    if others:
        yield Finding(
            "table_inside",
            f"{listed(others)} in the folder: not read, and no .csv table that names "
            "its pictures",
            "to learn what is said of each, write a .csv table of their file names "
            "and labels",
            "warning",
        )


register_dataset_type(
    DatasetType(
        name="image_folder",
        help="a folder of images",
        matches=lambda path: Path(path).is_dir(),
        load=lambda path, data_dir, **given: load(Path(path), **given),
        priority=10,
        options=OPTIONS,
        targets=_say_targets,
    )
)
