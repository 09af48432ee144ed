"""Picture files, read upright as 8 bits of grey or colour."""

import contextlib
import functools
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import ExifTags, Image, ImageOps

from zoo import bounds
from zoo.errors import DatasetError

SUFFIXES = {
    *(".png", ".jpg", ".jpeg", ".jfif", ".jpe", ".gif", ".webp", ".avif", ".jp2"),
    *(".bmp", ".dib", ".tif", ".tiff", ".ppm", ".pgm", ".pbm", ".pnm"),
}
# Others of Pillow's start programs, or take any bytes for a picture.
_FORMATS = (
    *("PNG", "JPEG", "GIF", "WEBP", "AVIF", "JPEG2000"),
    *("BMP", "DIB", "TIFF", "PPM"),
)
MAX_PIXELS = 100_000_000  # of one picture
_FEW_PIXELS, _PIXELS_A_BYTE = 16_000_000, 500  # that a file may hold
_SIXTEEN_BITS = ("I;16", "I;16L", "I;16B", "I;16N")
_GREY = ("1", "L", "LA", "La", *_SIXTEEN_BITS)
_BAND = 256  # rows
_SWAPPED = (5, 6, 7, 8)  # EXIF orientations that exchange width and height


class Header(NamedTuple):
    """What a file says of its picture, without its pixels.

    Args:
        is_grey: Whether it has no colour.
        size: Width and height, upright.
        is_turned: Whether a camera was turned, as EXIF says.
        has_alpha: Whether some of it may be transparent.
        is_deep: Whether it has 16 bits a channel.
        has_frames: Whether it has several frames or pages.
    """

    is_grey: bool
    size: tuple[int, int]
    is_turned: bool
    has_alpha: bool
    is_deep: bool
    has_frames: bool = False


def find_pictures(folder: Path) -> tuple[list[Path], list[Path]]:
    """Finds the picture files in a folder and its sub-folders, and the other files.

    What is hidden is left out: names that begin with a dot, and `__MACOSX`. Files
    without a suffix, or with one that is unknown, are pictures if they begin like one.
    """
    pictures, others = [], []
    for path in sorted(_files(folder)):
        (pictures if is_picture(path) else others).append(path)
    return pictures, others


def holds_pictures(folder: Path) -> bool:
    """Whether `find_pictures` finds one."""
    return any(map(is_picture, _files(folder)))


def is_hidden(name: str) -> bool:
    """Whether programs put a file or folder of this name beside those of the user."""
    return name.startswith(".") or name in ("__MACOSX", "Thumbs.db", "desktop.ini")


def read_header(path: Path) -> Header:
    """Reads the header of a picture file.

    Raises:
        DatasetError: If it is no picture that Pillow reads, or too large.
    """
    with _opened(path) as image:
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
        width, height = image.size
        return Header(
            is_grey=image.mode in _GREY,
            size=(height, width) if orientation in _SWAPPED else (width, height),
            is_turned=orientation in range(2, 9),
            has_alpha=_has_alpha(image),
            is_deep=image.mode in _SIXTEEN_BITS,
            has_frames=getattr(image, "is_animated", False),
        )


def brightest(path: Path) -> int:
    """Returns the largest value in a picture of 16 bits a channel.

    Raises:
        DatasetError: If it cannot be read.
    """
    with _opened(path) as image:
        return int(np.asarray(image).max())


def read_picture(path: Path) -> Image.Image:
    """Reads a picture, upright, as `L` or `RGB`.

    What is transparent is laid on white; 16 bits are scaled to 8, so that 65535
    becomes 255.

    Raises:
        DatasetError: If it cannot be read, or has more than 16 bits a channel.
    """
    with _opened(path) as image:
        image.load()
        ImageOps.exif_transpose(image, in_place=True)
        mode = "L" if image.mode in _GREY else "RGB"
        if not _has_alpha(image) and image.mode not in _SIXTEEN_BITS:
            return image.convert(mode)
        # Band by band: a large picture fits into memory once, and not four times.
        picture = Image.new(mode, image.size)
        for top in range(0, image.height, _BAND):
            box = (0, top, image.width, min(top + _BAND, image.height))
            picture.paste(_plain(image.crop(box)).convert(mode), box)
    return picture


def _plain(picture: Image.Image) -> Image.Image:
    """Scales 16 bits to 8, and lays on white what is transparent."""
    if picture.mode in _SIXTEEN_BITS:
        values = np.asarray(picture).astype("uint32")
        picture = Image.fromarray(((values * 255 + 32767) // 65535).astype("uint8"))
    if not _has_alpha(picture):
        return picture
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture.convert("RGBA"))


def are_too_many(pixels: int, size: int) -> bool:
    """Whether so many bytes hold no pictures of so many pixels.

    >>> are_too_many(16_000_000, 10), are_too_many(16_000_001, 10)
    (False, True)
    """
    return pixels > max(_FEW_PIXELS, _PIXELS_A_BYTE * size)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    try:
        with warnings.catch_warnings():
            # Pillow warns of sizes that are refused below.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(path, formats=_formats())
    except Exception as error:  # whatever Pillow raises on what is no picture
        reason = "it is no picture" if "cannot identify" in str(error) else error
        bounds.check_fetched(path)
        raise DatasetError(
            f"{path} is not a readable image; remove it. ({reason})"
        ) from error
    with image:
        pixels, size = image.width * image.height, path.stat().st_size
        if are_too_many(pixels, size):
            raise DatasetError(
                f"{path} says that it has {image.width} x {image.height} pixels in "
                f"{size:,} bytes, which no picture has; remove it."
            )
        if pixels > MAX_PIXELS:
            raise DatasetError(
                f"{path} has {image.width} x {image.height} pixels, more than "
                f"{MAX_PIXELS / 1e6:.0f} million; make it smaller or remove it."
            )
        if image.mode[0] in "IF" and image.mode not in _SIXTEEN_BITS:
            raise DatasetError(
                f"{path} has more than 16 bits a channel; convert it to 8 bits."
            )
        try:
            yield image
        except Exception as error:  # whatever Pillow raises on a damaged one
            raise DatasetError(f"{path} is truncated; remove it. ({error})") from error


def _files(folder: Path) -> Iterator[Path]:
    """Yields the regular files that are not hidden; a pipe or device is none."""
    for path in folder.rglob("*"):
        hidden = any(map(is_hidden, path.relative_to(folder).parts))
        if not hidden and path.is_file():
            yield path


@functools.cache
def _formats() -> list[str]:
    Image.init()
    return [name for name in _FORMATS if name in Image.OPEN]  # as Pillow was built


def is_picture(path: Path) -> bool:
    """Returns whether a file is a picture by its suffix, or else by its beginning."""
    suffix = path.suffix.lower()
    if suffix in SUFFIXES:
        return True
    try:
        with Image.open(path, formats=_formats()):
            return True
    except Exception:  # whatever Pillow raises on other files
        return False


def _has_alpha(image: Image.Image) -> bool:
    bands = {band.upper() for band in image.getbands()}
    return "A" in bands or "transparency" in image.info
