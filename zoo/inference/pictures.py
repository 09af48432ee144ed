"""Makes of a picture file what a model of images takes, and says what it changed."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PIL import Image, ImageOps

from zoo.datasets.measured_inputs import LARGEST_PIXELS
from zoo.datasets.picture_file import read_header
from zoo.datasets.picture_file import read_picture as read_picture_file
from zoo.datasets.picture_fit import DONE, fitted
from zoo.reading import Fit

if TYPE_CHECKING:
    import keras

    from zoo.runs.trained import Trained

# In standard deviations of the training's pixels: means of its images differ by less.
_MARGIN = 0.5


class Pixels(NamedTuple):
    """The pixels that a model was trained on, as far as that is known.

    Args:
        largest: The largest value.
        mean: Their mean, where it was measured.
        deviation: Their standard deviation, where it was measured.
    """

    largest: float
    mean: float | None = None
    deviation: float = 0.0


def trained_pixels(subject: "Trained") -> Pixels | None:
    """Returns the pixels of the training: what its run recorded, and its layers say."""
    found, largest = _pixels_of_layers(subject.model), subject.largest_pixel
    if largest is None:
        return found
    return Pixels(largest) if found is None else found._replace(largest=largest)


def _pixels_of_layers(model: "keras.Model") -> Pixels | None:
    """What `Normalization` measured in training, or the range that `Rescaling` expects.

    `Normalization` does not keep the largest value: it is the nearest of those that are
    usual to two standard deviations above the mean.
    """
    from keras import ops

    for layer in model._flatten_layers():
        is_of_pixels = type(layer).__name__ == "Normalization" and not layer.invert
        if is_of_pixels and layer.built:
            mean = ops.convert_to_numpy(layer.mean)
            variance = ops.convert_to_numpy(layer.variance)
            total = np.mean(variance + mean**2) - np.mean(mean) ** 2
            center, deviation = float(np.mean(mean)), float(np.sqrt(total))
            bright = max(center + 2 * deviation, 1e-6)
            largest = min(LARGEST_PIXELS, key=lambda value: abs(np.log(value / bright)))
            return Pixels(largest, center, deviation)
        if type(layer).__name__ == "Rescaling" and np.size(layer.scale) == 1:
            return Pixels(float(1 / np.ravel(layer.scale)[0]))
    return None


def read_picture(
    path: Path,
    shape: Sequence[int | None],
    *,
    invert: bool = False,
    fit: Fit = "resize",
) -> tuple[np.ndarray, list[str]]:
    """Reads a picture as a model takes it.

    Args:
        path: An image file.
        shape: Height, width and channels of the model's input; `None` is any size.
        invert: Whether black becomes white.
        fit: How it gets the size, see `picture_fit.fitted`.

    Returns:
        The pixels from 0 to 255, and what was done to the picture.

    Raises:
        DatasetError: If it cannot be read.
    """
    height, width, channels = shape
    picture, changes = _read(path, channels)
    wanted = width or picture.width, height or picture.height
    if wanted != picture.size:
        sizes = f"from {_by(picture.size)} to {_by(wanted)} pixels"
        changes.append(f"{DONE[fit]} {sizes}")
        picture = fitted(picture, wanted, fit)
    if invert:
        changes.append("inverted")
        picture = ImageOps.invert(picture)
    pixels = np.asarray(picture, "float32")
    return pixels.reshape(*pixels.shape[:2], -1), changes


def read_file(
    path: Path, channels: int | None, *, invert: bool = False
) -> tuple[bytes, list[str]]:
    """Reads a picture for a model that gives it its size and range itself.

    Args:
        path: An image file.
        channels: Of the model's input.
        invert: Whether black becomes white.

    Returns:
        The picture as a PNG file, and what was done to it.

    Raises:
        DatasetError: If it cannot be read.
    """
    picture, changes = _read(path, channels)
    if invert:
        changes.append("inverted")
        picture = ImageOps.invert(picture)
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=1)
    return file.getvalue(), changes


def _read(path: Path, channels: int | None) -> tuple[Image.Image, list[str]]:
    """Returns a picture upright and in its colours, and what was done to it."""
    changes = []
    header = read_header(path)
    if header.is_turned:
        changes.append("turned upright")
    if header.has_alpha:
        changes.append("laid on white")
    if header.is_deep:
        changes.append("scaled from 16 to 8 bits")
    if channels == 1 and not header.is_grey:
        changes.append("made grey")
    return read_picture_file(path).convert("L" if channels == 1 else "RGB"), changes


def doubts(pixels: np.ndarray, trained: Pixels) -> list[str]:
    """What in these pixels does not look like the training images.

    Args:
        pixels: Of one picture, in the range of the training.
        trained: Measured in training.

    >>> import numpy as np
    >>> black_on_white = np.full((8, 8, 1), 220.0)
    >>> print(*doubts(black_on_white, Pixels(255.0, mean=33.0, deviation=78.0)))
    its mean is 220, that of the training images 33; --invert makes it like them
    """
    mean, largest = float(np.mean(pixels)), float(np.max(pixels))
    bright = trained.largest
    if trained.mean is not None:  # dark images stay far below what pixels can be
        bright = min(bright, trained.mean + 2 * trained.deviation)
    if largest <= bright / 50 or largest > 2 * trained.largest:
        return [
            f"its values reach {largest:.3g}, those of the training images "
            f"{trained.largest:.3g}"
        ]
    if trained.mean is None:
        return []
    distance = abs(mean - trained.mean)
    if distance <= _MARGIN * trained.deviation:
        return []
    sentence = f"its mean is {mean:.3g}, that of the training images {trained.mean:.3g}"
    if abs(trained.largest - mean - trained.mean) < distance / 2:
        sentence += "; --invert makes it like them"
    return [sentence]


def _by(size: tuple[int, ...]) -> str:
    return " x ".join(map(str, size))
