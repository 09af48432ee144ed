"""Images of discs, squares and triangles: large enough for deep convolutions."""

import functools

import numpy as np

from zoo.datasets.dataset import SPLIT_SEED, Dataset, Split, make_dataset
from zoo.datasets.named import GENERATED, register_dataset

SIZE = 64
_SAMPLES = 3_000
_LABELS = ("disc", "square", "triangle")


@register_dataset("shapes", licence=GENERATED)
def shapes() -> Dataset:
    """3,000 greyscale images of 64 x 64 pixels, a shape of random size in each."""
    generator = np.random.default_rng(SPLIT_SEED)
    y = generator.integers(len(_LABELS), size=_SAMPLES)
    centres = generator.uniform(20, SIZE - 20, (_SAMPLES, 2))
    radii = generator.uniform(8, 16, _SAMPLES)
    angles = generator.uniform(0, 2 * np.pi, _SAMPLES)
    drawn = map(image, y, centres, radii, angles)
    return make_dataset("shapes", _LABELS, Split(np.stack(list(drawn)), y))


def image(label: int, centre: np.ndarray, radius: float, angle: float) -> np.ndarray:
    """Draws one shape, white on black, its edge a pixel wide.

    Args:
        label: 0 for a disc, 1 for a square, 2 for an equilateral triangle.
        centre: Row and column.
        radius: Of the disc, or of the inscribed circle of the others.
        angle: By which the shape is turned.

    Returns:
        Pixels `(64, 64, 1)` of 0 to 255.
    """
    offsets = np.indices((SIZE, SIZE)).transpose(1, 2, 0) - centre
    covered = coverage(label, offsets, radius, angle)
    return (255 * covered).astype("uint8")[..., np.newaxis]


def coverage(
    label: int, offsets: np.ndarray, radius: float, angle: float
) -> np.ndarray:
    """Returns which part of each pixel a shape covers, `(...)`.

    Args:
        label: As in `image`; and 3 for a ring, 4 for a cross, 5 for a bar.
        offsets: Rows and columns from the centre to the pixels, `(..., 2)`.
        radius: As in `image`; of a ring the outer one, of a cross half its width, of a
            bar three quarters of half its length.
        angle: As in `image`.
    """
    return np.clip(0.5 - _DISTANCES[label](offsets, radius, angle), 0, 1)


def _disc(offsets: np.ndarray, radius: float, angle: float) -> np.ndarray:
    return np.linalg.norm(offsets, axis=-1) - radius


def _ring(offsets: np.ndarray, radius: float, angle: float) -> np.ndarray:
    outer = _disc(offsets, radius, angle)
    return np.maximum(outer, -outer - radius / 2)


def _polygon(
    offsets: np.ndarray, radius: float, angle: float, *, sides: int
) -> np.ndarray:
    # A polygon is where all of some half-planes are.
    normals = angle + 2 * np.pi * np.arange(sides) / sides
    directions = np.stack([np.sin(normals), np.cos(normals)])
    return (offsets @ directions).max(axis=-1) - radius


def _cross(offsets: np.ndarray, radius: float, angle: float) -> np.ndarray:
    bars = (_bar(offsets, 0.75 * radius, angle + k * np.pi / 2) for k in range(2))
    return np.minimum(*bars)


def _bar(offsets: np.ndarray, radius: float, angle: float) -> np.ndarray:
    along = np.abs(offsets @ (np.sin(angle), np.cos(angle)))
    across = np.abs(offsets @ (np.cos(angle), -np.sin(angle)))
    return np.maximum(along - radius / 0.75, across - 0.45 * radius)


# How far each pixel is outside of a shape.
_DISTANCES = (
    _disc,
    functools.partial(_polygon, sides=4),
    functools.partial(_polygon, sides=3),
    _ring,
    _cross,
    _bar,
)
