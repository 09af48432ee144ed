"""Picture files as the samples of a dataset."""

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from zoo.datasets.finding import Finding
from zoo.datasets.picture_file import Header, brightest, read_header, read_picture
from zoo.datasets.picture_fit import DONE, Mode, Size, fitted
from zoo.datasets.storage import Samples
from zoo.reading import Colour, Fit

LARGEST_PIXEL = 255.0
_WHITE = 65_535
_LOOKED_AT = 50  # images of 16 bits


@dataclasses.dataclass(frozen=True)
class _Form:
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


def read_images(
    paths: dict[str, list[Path]],
    fit: Fit = "resize",
    size: str | None = None,
    colour: Colour | None = None,
) -> tuple[dict[str, Any], list[Finding]]:
    """Returns the pixels of pictures, of one size and as many channels.

    Args:
        paths: The files of each split.
        fit: How images get their size, see `picture_fit.fitted`.
        size: Width and height, such as `64x48`; the median ones of the training images
            if None.
        colour: Whether images are `grey` or `rgb`; grey if None where all are.

    Returns:
        Samples of each split, each read when its place is known; and what is done to
        the pictures.
    """
    headers = {k: [read_header(path) for path in v] for k, v in paths.items()}
    everything = [header for found in headers.values() for header in found]
    chosen = _median([header.size for header in headers["train"]])
    if size is not None:
        width, height = map(int, size.split("x"))
        chosen = width, height
    is_grey = all(header.is_grey for header in everything)
    mode: Mode = "L" if colour == "grey" or (colour is None and is_grey) else "RGB"
    form = _Form(chosen, mode, fit)
    changes = list(_changes(everything, form, is_median=size is None))
    every_path = [path for found in paths.values() for path in found]
    deep = [p for p, h in zip(every_path, everything, strict=True) if h.is_deep]
    changes += _dark(deep[:: max(1, len(deep) // _LOOKED_AT)])
    return {part: form.read(found) for part, found in paths.items()}, changes


def _dark(paths: Sequence[Path]) -> Iterator[Finding]:
    """Says that 16 bits hold fewer, as of cameras of 10 or 12."""
    highest = max(map(brightest, paths), default=_WHITE)
    if highest < _WHITE // 8:
        what = f"images of 16 bits hold values of up to {highest:,} alone, of "
        what += f"{_WHITE:,}: {highest * 255 // _WHITE + 1} of 256 levels are left"
        remedy = f"multiply them by {_WHITE // max(1, highest)}, or write 8 bits"
        yield Finding("dark", what, remedy, "warning")


def _median(sizes: list[Size]) -> Size:
    width, height = np.median(sizes, axis=0)
    return int(width), int(height)


def _changes(
    headers: list[Header], form: _Form, *, is_median: bool
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
    frames = sum(header.has_frames for header in headers)
    if frames:
        what = f"{frames} of {len(headers)} images have several frames or pages"
        yield Finding("frames", f"{what}: the first is read")
    others = sum(header.size != form.size for header in headers)
    if others:
        width, height = form.size
        what = f"{others} of {len(headers)} images are {DONE[form.fit]} to {width} x "
        what += f"{height} pixels{', the median' if is_median else ''}"
        yield Finding("fitted", what, _other_fits(form.fit))


def _other_fits(fit: Fit) -> str:
    return "" if fit != "resize" else "--fit crop or --fit pad keeps their proportions"
