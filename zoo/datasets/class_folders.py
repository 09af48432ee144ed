"""Folders of files with a sub-folder for each class, perhaps below one for each split.

Pictures and sounds are found alike.
"""

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from zoo.datasets.file_groups import (
    File,
    divided_by_group,
    few_of,
    groups_of,
    look_for_groups,
)
from zoo.datasets.finding import Finding
from zoo.datasets.folder_hint import folder_hint
from zoo.datasets.labelled_text import twins
from zoo.datasets.other_forms import conversion, is_unread_medium
from zoo.datasets.split_folders import find_splits, sub_folders
from zoo.datasets.split_lists import divided_by_lists
from zoo.errors import DatasetError

_NOISE = "_background_noise_"


@dataclasses.dataclass(frozen=True)
class Medium:
    """What the files hold.

    Args:
        name: In the plural, such as `images`.
        find: Returns the files of a folder that hold it, and the others.
        holds: Whether a folder holds such files, at any depth.
    """

    name: str
    find: Callable[[Path], tuple[list[Path], list[Path]]]
    holds: Callable[[Path], bool]


@dataclasses.dataclass(frozen=True)
class ClassFolders:
    """The files of each split.

    Args:
        labels: Names of the classes.
        files: By split; those of `test` and `validation` may be yet to be drawn.
        findings: What was decided and left out.
        group: Where the names say a group, if they are to.
    """

    labels: tuple[str, ...]
    files: dict[str, list[File]]
    findings: tuple[Finding, ...]
    group: str | None = None

    @property
    def paths(self) -> dict[str, list[Path]]:
        """The paths of the files of each split."""
        return {part: [f.path for f in found] for part, found in self.files.items()}

    @property
    def groups(self) -> dict[str, np.ndarray]:
        """The group of each file, by split; none without `group`."""
        if self.group is None:
            return {}
        return {
            part: np.array(groups_of(self.group, found), object)
            for part, found in self.files.items()
        }

    def targets(self, split: str) -> np.ndarray:
        """Class ids of the files of a split."""
        places = {label: place for place, label in enumerate(self.labels)}
        return np.array([places[file.label] for file in self.files[split]], "int64")


def read_class_folders(
    path: Path, medium: Medium, group: str | None, test_groups: Sequence[str]
) -> ClassFolders:
    """Finds `<path>/<class>/<file>`, or `<path>/<split>/<class>/<file>`.

    Args:
        path: The folder.
        medium: What the files hold.
        group: Where their names say a group, see `groups_of`; no group stands in two
            splits then.
        test_groups: Groups of the test split; drawn if none.

    Raises:
        DatasetError: If a class has no files, or only held-out ones, or there is no
            class.
    """
    findings: list[Finding] = []
    path = _below_wrappers(path, medium, findings)
    folders, unused = find_splits(path, medium.holds)
    files = {k: _files(folder, medium, findings) for k, folder in folders.items()}
    labels = tuple(sorted({file.label for file in files["train"]}))
    if not labels:
        raise DatasetError(folder_hint(path, medium.name))
    if group is None and [*files] == ["train"]:
        files, said = divided_by_lists(path, files["train"])
        findings += said
    if unused:
        what = f"{_listed(unused)} beside the splits: not used"
        findings.append(Finding("unused_folder", what, level="warning"))
    for part, found in files.items():
        _check(folders.get(part, path), found, labels, medium)
    findings += [*_beside(path, medium), *twins(labels)]
    files, more = _grouped(str(path), files, group, test_groups)
    return ClassFolders(labels, files, (*findings, *more), group)


def _below_wrappers(path: Path, medium: Medium, findings: list[Finding]) -> Path:
    """Enters the one folder that an archive unpacks to."""
    while True:
        inside = [p for p in sub_folders(path) if medium.holds(p)]
        if len(inside) != 1 or not any(map(medium.holds, sub_folders(inside[0]))):
            return path
        path = inside[0]
        what = f"reads {path.name}, the only folder with {medium.name} in it"
        findings.append(Finding("inner_folder", what))


def _files(folder: Path, medium: Medium, findings: list[Finding]) -> list[File]:
    found, others, empty = [], [], []
    for sub in sub_folders(folder):
        if sub.name == _NOISE:
            what = f"{_NOISE} holds noise, and no class, as Speech Commands has it"
            findings.append(Finding("noise", f"{what}: not used"))
            continue
        files, beside = medium.find(sub)
        others += beside
        if not files:
            empty.append(sub)
        for file in files:
            name = file.relative_to(sub).with_suffix("").as_posix()
            found.append(File(file, sub.name, name))
    if found and empty:
        raise DatasetError(f"{empty[0]} holds no {medium.name}; remove it.")
    unread = [each for each in others if is_unread_medium(each)]
    if found and unread:
        what = f"{len(unread):,} files such as {unread[0].name} are not read"
        remedy = conversion(unread[0])
        findings.append(Finding("unread_files", what, remedy, "warning"))
    others = [each for each in others if each not in unread]
    if found and others:
        what = f"{_listed(others)}: no {medium.name}, not used"
        findings.append(Finding("other_files", what))
    return found


def _beside(path: Path, medium: Medium) -> list[Finding]:
    """Returns a finding if files lie beside the folders of the classes."""
    inside = [each for sub in sub_folders(path) for each in medium.find(sub)[0]]
    count = len(medium.find(path)[0]) - len(inside)
    if not count:
        return []
    what = f"{count} {medium.name} beside the folders of classes: not used"
    return [Finding("loose_files", what, level="warning")]


def _check(
    folder: Path, files: list[File], labels: tuple[str, ...], medium: Medium
) -> None:
    unknown = sorted({file.label for file in files} - set(labels))
    if unknown:
        raise DatasetError(
            f"{folder} holds classes that train lacks: {', '.join(unknown)}."
        )
    if not files:
        raise DatasetError(f"{folder} holds no {medium.name}; add some or remove it.")


def _grouped(
    name: str,
    files: dict[str, list[File]],
    group: str | None,
    test_groups: Sequence[str],
) -> tuple[dict[str, list[File]], list[Finding]]:
    """Divides the files by group, or says that their names look like groups."""
    if group is None:
        if test_groups:
            raise DatasetError(
                f"{name}: --test-group needs --group, where the names say their group."
            )
        found = look_for_groups(files["train"]) if len(files) == 1 else None
        return files, [found] if found else []
    groups = {part: groups_of(group, found) for part, found in files.items()}
    return divided_by_group(name, files, groups, test_groups)


def _listed(paths: list[Path]) -> str:
    return few_of([path.name for path in paths])
