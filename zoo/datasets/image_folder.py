"""A folder of images with a sub-folder for each class, or of images without labels."""

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from zoo.datasets.class_folders import Medium, read_class_folders
from zoo.datasets.dataset import Dataset, Split, make_dataset
from zoo.datasets.dataset_type import DatasetType, register_dataset_type
from zoo.datasets.finding import Finding
from zoo.datasets.picture_file import (
    Header,
    find_pictures,
    holds_pictures,
    is_hidden,
    is_picture,
    read_header,
    read_picture,
)
from zoo.datasets.picture_fit import DONE, Mode, Size, fitted
from zoo.datasets.split_folders import split_of, sub_folders
from zoo.datasets.storage import Samples
from zoo.datasets.unlabelled import make_unlabelled_dataset
from zoo.reading import Colour, Fit

IMAGES = Medium("images", find_pictures, holds_pictures)
OPTIONS = ("fit", "size", "colour", "group", "test_group")


@dataclasses.dataclass(frozen=True)
class Form:
    """What pictures are made of as they are read.

    Args:
        size: Width and height.
        mode: `L` for one channel, `RGB` for three.
        fit: How they get the size.
    """

    size: Size
    mode: Mode
    fit: Fit

    def read(self, paths: Sequence[Path]) -> Any:
        """Returns the pixels of pictures, each read when its place is known."""
        width, height = self.size

        def read() -> Iterator[np.ndarray]:
            for path in paths:
                picture = read_picture(path).convert(self.mode)
                pixels = np.asarray(fitted(picture, self.size, self.fit))
                yield pixels.reshape(1, height, width, -1)

        shape = (len(paths), height, width, len(self.mode))
        return Samples(shape, np.dtype("uint8"), read)


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
    given = size, colour, fit
    loose = _loose_pictures(path)
    if loose is not None:
        return _unlabelled(path, loose, given)
    folders = read_class_folders(path, IMAGES, group, test_group)
    paths = {k: [file.path for file in files] for k, files in folders.files.items()}
    form, findings = _form(paths, given)
    splits = {k: Split(form.read(v), folders.targets(k)) for k, v in paths.items()}
    held_out = splits.get("test"), splits.get("validation")
    data = make_dataset(str(path), folders.labels, splits["train"], *held_out)
    return dataclasses.replace(data, findings=(*folders.findings, *findings))


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


def _unlabelled(
    path: Path,
    paths: dict[str, list[Path]],
    given: tuple[str | None, Colour | None, Fit],
) -> Dataset:
    form, findings = _form(paths, given)
    read = {part: form.read(found) for part, found in paths.items()}
    held_out = read.get("test"), read.get("validation")
    data = make_unlabelled_dataset(str(path), read["train"], *held_out)
    return dataclasses.replace(data, findings=(*data.findings, *findings))


def _form(
    paths: dict[str, list[Path]], given: tuple[str | None, Colour | None, Fit]
) -> tuple[Form, list[Finding]]:
    """Chooses what the pictures are made of, and says what is done to them."""
    size, colour, fit = given
    headers = {k: [read_header(path) for path in v] for k, v in paths.items()}
    everything = [header for found in headers.values() for header in found]
    chosen = _median([header.size for header in headers["train"]])
    if size is not None:
        width, height = map(int, size.split("x"))
        chosen = width, height
    is_grey = all(header.is_grey for header in everything)
    mode: Mode = "L" if colour == "grey" or (colour is None and is_grey) else "RGB"
    form = Form(chosen, mode, fit)
    return form, list(_changes(everything, form, is_median=size is None))


def _median(sizes: list[Size]) -> Size:
    width, height = np.median(sizes, axis=0)
    return int(width), int(height)


def _changes(
    headers: list[Header], form: Form, *, is_median: bool
) -> Iterator[Finding]:
    """Yields what is done to the pictures as they are read."""
    turned = sum(header.is_turned for header in headers)
    if turned:
        what = f"{turned} of {len(headers)} images are turned upright, as EXIF says"
        yield Finding("turned", what)
    clear = sum(header.has_alpha for header in headers)
    if clear:
        what = f"{clear} of {len(headers)} images have transparency, laid on white"
        yield Finding("laid_on_white", what)
    deep = sum(header.is_deep for header in headers)
    if deep:
        what = f"{deep} of {len(headers)} images have 16 bits, scaled to 0..255"
        yield Finding("scaled", what)
    colourful = sum(not header.is_grey for header in headers)
    if form.mode == "L" and colourful:
        what = f"{colourful} of {len(headers)} images are made grey"
        yield Finding("made_grey", what)
    if form.mode == "RGB" and 0 < colourful < len(headers):
        grey = len(headers) - colourful
        what = f"{grey} of {len(headers)} images are grey, the others in colour: read "
        yield Finding("mixed_colour", f"{what}in colour", "--colour grey takes it away")
    others = sum(header.size != form.size for header in headers)
    if others:
        width, height = form.size
        what = f"{others} of {len(headers)} images are {DONE[form.fit]} to {width} x "
        what += f"{height} pixels{', the median' if is_median else ''}"
        yield Finding("fitted", what, _other_fits(form.fit))


def _other_fits(fit: Fit) -> str:
    return "" if fit != "resize" else "--fit crop or --fit pad keeps their proportions"


register_dataset_type(
    DatasetType(
        name="image_folder",
        help="a folder of images",
        matches=lambda path: Path(path).is_dir(),
        load=lambda path, data_dir, **given: load(Path(path), **given),
        priority=10,
        options=OPTIONS,
    )
)
