"""A folder of images with a sub-folder for each class."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from zoo import messages
from zoo.datasets.dataset import Dataset, Split, make_dataset
from zoo.datasets.dataset_type import DatasetType, register_dataset_type
from zoo.datasets.picture_file import (
    Header,
    find_pictures,
    holds_pictures,
    read_header,
    read_picture,
)
from zoo.datasets.split_folders import find_splits, sub_folders
from zoo.datasets.storage import Samples
from zoo.errors import DatasetError

Size = tuple[int, int]  # width, height
_FEW = 3  # names that a sentence holds


def load(path: Path) -> Dataset:
    """Loads `<path>/<class>/<image>`, or `<path>/<split>/<class>/<image>`.

    The splits have any of their usual names, such as `Training` and `val`. Images are
    grey where all are, and RGB otherwise; upright, on white, of 8 bits. Where their
    sizes differ, they are resized to the median width and height of the training
    images. What is done to them, or left out, is said on stderr.

    Raises:
        DatasetError: If a class has no images, or one is unreadable or of more than
            16 bits a channel.
    """
    path = _below_wrappers(path)
    splits, unused = find_splits(path, holds_pictures)
    files = {part: _classes(folder) for part, folder in splits.items()}
    labels = tuple(sorted(files["train"]))
    if not labels:
        raise DatasetError(
            f"{path} holds no sub-folders with images; put those of each class "
            "into a sub-folder with the name of the class."
        )
    if unused:
        _say(path, f"{_listed(unused)} beside the splits: not used")
    headers = {
        part: [read_header(image) for images in classes.values() for image in images]
        for part, classes in files.items()
    }
    everything = [header for found in headers.values() for header in found]
    mode = "L" if all(header.is_grey for header in everything) else "RGB"
    size = _median([header.size for header in headers["train"]])
    for sentence in _changes(everything, size):
        _say(path, sentence)
    loaded = {
        part: _read(splits[part], classes, labels, mode, size)
        for part, classes in files.items()
    }
    test, validation = loaded.get("test"), loaded.get("validation")
    return make_dataset(str(path), labels, loaded["train"], test, validation)


def _below_wrappers(path: Path) -> Path:
    """Enters the one folder that an archive unpacks to."""
    while True:
        inside = [p for p in sub_folders(path) if holds_pictures(p)]
        if len(inside) != 1 or not any(map(holds_pictures, sub_folders(inside[0]))):
            return path
        _say(path, f"reads {inside[0].name}, the only folder with images in it")
        path = inside[0]


def _classes(folder: Path) -> dict[str, list[Path]]:
    found, others = {}, []
    for sub in sub_folders(folder):
        found[sub.name], beside = find_pictures(sub)
        others += beside
    empty = [name for name, images in found.items() if not images]
    if len(empty) == len(found):
        return {}
    if empty:
        raise DatasetError(f"{folder / empty[0]} holds no images; remove it.")
    if others:
        _say(folder, f"{_listed(others)}: no images, not used")
    return found


def _changes(headers: list[Header], size: Size) -> Iterator[str]:
    """Says what is done to the pictures as they are read."""
    turned = sum(header.is_turned for header in headers)
    if turned:
        yield f"{turned} of {len(headers)} images are turned upright, as EXIF says"
    clear = sum(header.has_alpha for header in headers)
    if clear:
        yield f"{clear} of {len(headers)} images have transparency, laid on white"
    deep = sum(header.is_deep for header in headers)
    if deep:
        yield f"{deep} of {len(headers)} images have 16 bits, scaled to 0..255"
    if any(header.size != size for header in headers):
        yield (
            f"images of different sizes are resized to {size[0]} x {size[1]} pixels, "
            "the median"
        )


def _listed(paths: list[Path]) -> str:
    names = ", ".join(path.name for path in paths[:_FEW])
    return names + (f" and {len(paths) - _FEW} more" if len(paths) > _FEW else "")


def _say(path: Path, sentence: str) -> None:
    messages.inform(f"{path}: {sentence}.")


def _median(sizes: list[Size]) -> Size:
    width, height = np.median(sizes, axis=0)
    return int(width), int(height)


def _read(
    folder: Path,
    classes: dict[str, list[Path]],
    labels: tuple[str, ...],
    mode: str,
    size: Size,
) -> Split:
    unknown = sorted(set(classes) - set(labels))
    if unknown:
        raise DatasetError(
            f"{folder} holds classes that train lacks: {', '.join(unknown)}."
        )
    found = [(p, labels.index(label)) for label, ps in classes.items() for p in ps]
    if not found:
        raise DatasetError(f"{folder} holds no images; add some or remove it.")

    def read() -> Iterator[np.ndarray]:
        for image, _ in found:
            yield _pixels(image, mode, size)[np.newaxis]

    width, height = size
    shape = (len(found), height, width, len(mode))
    x: Any = Samples(shape, np.dtype("uint8"), read)
    return Split(x, np.array([place for _, place in found], "int64"))


def _pixels(path: Path, mode: str, size: Size) -> np.ndarray:
    picture = read_picture(path).convert(mode)
    if picture.size != size:
        picture = picture.resize(size, Image.Resampling.BILINEAR)
    pixels = np.asarray(picture)
    return pixels.reshape(*pixels.shape[:2], -1)


register_dataset_type(
    DatasetType(
        name="image_folder",
        help="a folder of images",
        matches=lambda path: Path(path).is_dir(),
        load=lambda path, data_dir: load(Path(path)),
        priority=10,
    )
)
