"""Images of discs, squares and triangles: large enough for deep convolutions."""

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
        label: As in `image`.
        offsets: Rows and columns from the centre to the pixels, `(..., 2)`.
        radius: As in `image`.
        angle: As in `image`.
    """
    if label == 0:
        distance = np.linalg.norm(offsets, axis=-1) - radius
    else:
        # A polygon is where all of some half-planes are.
        sides = 4 if label == 1 else 3
        normals = angle + 2 * np.pi * np.arange(sides) / sides
        directions = np.stack([np.sin(normals), np.cos(normals)])
        distance = (offsets @ directions).max(axis=-1) - radius
    return np.clip(0.5 - distance, 0, 1)
