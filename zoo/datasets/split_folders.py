"""Which sub-folders are splits, whatever they are called, and which are classes."""

import re
from collections.abc import Callable
from pathlib import Path

from zoo.datasets.finding import listed
from zoo.datasets.picture_file import is_hidden
from zoo.errors import DatasetError

_NAMES = {
    "train": ("train", "training", "trn"),
    "validation": ("validation", "valid", "val", "dev", "development"),
    "test": ("test", "testing", "tst", "eval", "evaluation", "holdout"),
}
_SPLITS = {name: split for split, names in _NAMES.items() for name in names}
_BESIDE = {"set", "data", "dataset", "split", "images", "imgs", "pictures", "files"}


def split_of(name: str) -> str | None:
    """Returns the split that a folder's name says, in any case; None for others.

    Example:

    >>> split_of("Training"), split_of("test_set"), split_of("VAL"), split_of("cats")
    ('train', 'test', 'validation', None)
    """
    words = re.findall("[a-z]+", name.lower())
    words = [word.removesuffix("set") or word for word in words]
    left = [word for word in words if word not in _BESIDE]
    return _SPLITS.get(left[0]) if len(left) == 1 else None


def sub_folders(folder: Path) -> list[Path]:
    """Returns the folders in a folder that are not hidden, by name."""
    return sorted(p for p in folder.iterdir() if p.is_dir() and not is_hidden(p.name))


def say_classes(folder: str | Path) -> str:
    """Says that folders are classes, and how something else is learned of their files.

    Args:
        folder: Of folders of classes, perhaps below those of splits.
    """
    inside = sub_folders(Path(folder))
    while inside and (len(inside) == 1 or all(split_of(each.name) for each in inside)):
        below = sub_folders(inside[0])
        if not below:
            break
        inside = below
    names = listed([each.name for each in inside])
    return (
        f"its folders are the classes ({names}), so leave it out; to learn something "
        "else of the files, give a .csv table with a column of their names: --dataset "
        "TABLE.csv --target COLUMN"
    )


def find_splits(
    folder: Path, holds_samples: Callable[[Path], bool]
) -> tuple[dict[str, Path], list[Path]]:
    """Finds the folder of each split.

    Sub-folders are splits if one is for training by its name and holds folders of
    classes itself; a class may be called `train`.

    Args:
        folder: Of a dataset.
        holds_samples: Whether a folder holds samples, at any depth.

    Returns:
        The folders of the splits, `folder` itself as `train` where it has none; and the
        folders beside them that are not used.

    Raises:
        DatasetError: If two folders are the same split, or there is none for training.
    """
    found: dict[str, Path] = {}
    unused: list[Path] = []
    for each in filter(holds_samples, sub_folders(folder)):
        split = split_of(each.name)
        if split is None or not any(map(holds_samples, sub_folders(each))):
            unused.append(each)
        elif split in found:
            raise DatasetError(
                f"{folder}: {found[split].name!r} and {each.name!r} are both for "
                f"{split}; rename or remove one."
            )
        else:
            found[split] = each
    if "train" in found:
        return found, unused
    if found and not unused:
        names = ", ".join(each.name for each in found.values())
        raise DatasetError(
            f"{folder} holds {names}, but no folder to train on; call it train."
        )
    return {"train": folder}, []
