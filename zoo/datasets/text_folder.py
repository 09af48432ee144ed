"""A folder of texts with a sub-folder for each class."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

from zoo.datasets.charset import read_lines
from zoo.datasets.dataset import Dataset
from zoo.datasets.dataset_type import DatasetType, register_dataset_type
from zoo.datasets.finding import Finding
from zoo.datasets.labelled_text import Row, labelled
from zoo.datasets.picture_file import holds_pictures, is_hidden
from zoo.datasets.split_folders import find_splits, say_classes, sub_folders
from zoo.errors import DatasetError

_SUFFIXES = (".txt", ".text", ".txt.gz")
_UNLABELLED = ("unsup", "unlabelled", "unlabeled")


def load(path: Path, charset: str | None = None) -> Dataset:
    """Loads `<path>/<class>/<text>.txt`, or `<path>/<split>/<class>/<text>.txt`.

    The splits have any of their usual names, such as `Training` and `val`; a file is a
    text. What is left out is said on stderr.

    Args:
        path: The folder.
        charset: Character encoding of the files; UTF-8 if None.

    Raises:
        DatasetError: If a class has no texts, or one is unreadable.
    """
    path, findings = _below_wrappers(path)
    folders, unused = find_splits(path, holds_texts)
    for folder in unused:
        what = f"{folder.name} beside the splits: not used"
        findings.append(Finding("unused_folder", what, level="warning"))
    rows = {part: _read(each, charset, findings) for part, each in folders.items()}
    if not rows["train"]:
        raise DatasetError(
            f"{path} holds no sub-folders with .txt files; put those of each class "
            "into a sub-folder with the name of the class."
        )
    held_out = rows.get("test"), rows.get("validation")
    data = labelled(str(path), rows["train"], *held_out)
    return dataclasses.replace(data, findings=(*findings, *data.findings))


def holds_texts(folder: Path) -> bool:
    """Returns whether a folder holds texts, at any depth."""
    return next(_texts(folder), None) is not None


def _texts(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        is_named = path.name.lower().endswith(_SUFFIXES)
        if is_named and not any(map(is_hidden, path.relative_to(folder).parts)):
            yield path


def _below_wrappers(path: Path) -> tuple[Path, list[Finding]]:
    """Enters the one folder that an archive unpacks to."""
    findings: list[Finding] = []
    while True:
        inside = [p for p in sub_folders(path) if holds_texts(p)]
        if len(inside) != 1 or not any(map(holds_texts, sub_folders(inside[0]))):
            return path, findings
        path = inside[0]
        what = f"reads {path.name}, the only folder with texts"
        findings.append(Finding("inner_folder", what))


def _read(folder: Path, charset: str | None, findings: list[Finding]) -> list[Row]:
    classes = sub_folders(folder)
    unlabelled = [sub for sub in classes if sub.name.lower() in _UNLABELLED]
    for sub in unlabelled:
        what = f"{folder.name}/{sub.name} is no class: not used"
        findings.append(Finding("unused_folder", what))
    return [
        (sub.name, "\n".join(read_lines(path, charset)))
        for sub in classes
        if sub not in unlabelled
        for path in sorted(_texts(sub))
    ]


def _matches(path: str | Path) -> bool:
    folder = Path(path)
    is_by_class = folder.is_dir() and any(map(holds_texts, sub_folders(folder)))
    return is_by_class and not holds_pictures(folder)


register_dataset_type(
    DatasetType(
        name="text_folder",
        help="a folder of .txt files with a sub-folder for each class",
        matches=_matches,
        load=lambda path, data_dir, **given: load(Path(path), **given),
        priority=15,
        options=("charset",),
        targets=say_classes,
    )
)
