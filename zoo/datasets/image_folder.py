"""A folder of images with a sub-folder for each class."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from zoo import messages
from zoo.datasets.dataset import Dataset, Split, make_dataset
from zoo.datasets.dataset_type import DatasetType, register_dataset_type
from zoo.datasets.storage import Samples
from zoo.errors import DatasetError

SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff"}
Size = tuple[int, int]  # width, height


def load(path: Path) -> Dataset:
    """Loads `<path>/<class>/<image>`, or `<path>/<split>/<class>/<image>`.

    The splits are called `train`, `test` and `validation` (or `val`). Images are
    grey where all are, and RGB otherwise. Where their sizes differ, they are resized
    to the median width and height of the training images, which is said on stderr.

    Raises:
        DatasetError: If a class has no images, or one is unreadable or of more than
            8 bits a channel.
    """
    splits = {"train": path}
    if (path / "train").is_dir():
        names = {"train": "train", "test": "test", "validation": "validation"}
        names |= {"val": "validation"}
        splits = {names[p.name]: p for p in _folders(path) if p.name in names}
    files = {part: _images(folder) for part, folder in splits.items()}
    labels = tuple(sorted(files["train"]))
    if not labels:
        raise DatasetError(
            f"{path} holds no sub-folders with images; put those of each class "
            "into a sub-folder with the name of the class."
        )
    headers = {
        part: [_header(image) for images in classes.values() for image in images]
        for part, classes in files.items()
    }
    everything = [header for found in headers.values() for header in found]
    mode = "L" if all(mode in ("1", "L") for mode, _ in everything) else "RGB"
    size = _median([size for _, size in headers["train"]])
    if any(own != size for _, own in everything):
        width, height = size
        messages.inform(
            f"{path}: images of different sizes are resized to {width} x {height} "
            "pixels, the median."
        )
    loaded = {
        part: _read(splits[part], classes, labels, mode, size)
        for part, classes in files.items()
    }
    test, validation = loaded.get("test"), loaded.get("validation")
    return make_dataset(str(path), labels, loaded["train"], test, validation)


def _folders(path: Path) -> list[Path]:
    return sorted(p for p in path.iterdir() if p.is_dir() and p.name[0] != ".")


def _images(folder: Path) -> dict[str, list[Path]]:
    found = {
        sub.name: sorted(p for p in sub.rglob("*") if p.suffix.lower() in SUFFIXES)
        for sub in _folders(folder)
    }
    empty = [name for name, images in found.items() if not images]
    if len(empty) == len(found):
        return {}
    if empty:
        raise DatasetError(f"{folder / empty[0]} holds no images; remove it.")
    return found


def _header(path: Path) -> tuple[str, Size]:
    try:
        with Image.open(path) as image:
            mode, size = image.mode, image.size
    except OSError as error:
        raise DatasetError(f"{path} is not a readable image; remove it.") from error
    if mode.startswith(("I", "F")):
        raise DatasetError(
            f"{path} has more than 8 bits a channel; convert it to 8 bits."
        )
    return mode, size


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
    try:
        with Image.open(path) as image:
            converted = image.convert(mode)
    except OSError as error:
        raise DatasetError(f"{path} is truncated; remove it. ({error})") from error
    if converted.size != size:
        converted = converted.resize(size, Image.Resampling.BILINEAR)
    pixels = np.asarray(converted)
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
