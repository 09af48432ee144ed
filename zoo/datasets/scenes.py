"""Generated scenes: coloured shapes on a dark ground, with their boxes."""

from typing import NamedTuple

import numpy as np

from zoo.datasets.boxes import PADDING, make_detection_dataset
from zoo.datasets.dataset import SPLIT_SEED, Dataset, Split
from zoo.datasets.named import GENERATED, register_dataset
from zoo.datasets.shapes import SIZE, coverage

KINDS = ("disc", "square", "triangle")
COLOURS = {
    "red": (220, 60, 50),
    "green": (70, 190, 70),
    "blue": (70, 100, 230),
    "yellow": (225, 205, 70),
    "white": (225, 225, 225),
}
Box = tuple[int, int, int, int]
MOST = 4  # things in a scene
_SCENES = 4_000
_NOISE = 16  # largest change of a pixel
_TRIES = 50
_PIXELS = np.indices((SIZE, SIZE)).transpose(1, 2, 0)


class Thing(NamedTuple):
    """A shape in a scene.

    Args:
        kind: Which shape, as `coverage` numbers them; place in `KINDS`.
        colour: Red, green and blue, 0 to 255.
        centre: Row and column.
        radius: Of the inscribed circle, in pixels.
        angle: By which the shape is turned.
    """

    kind: int
    colour: tuple[int, int, int]
    centre: np.ndarray
    radius: float
    angle: float

    @property
    def drawn(self) -> tuple[tuple[slice, slice], np.ndarray]:
        """The part of the image that it may touch, and the share of its pixels there.

        A triangle reaches twice as far as its inscribed circle.
        """
        reach = 2 * self.radius + 1
        low = np.maximum(np.floor(self.centre - reach), 0).astype(int)
        high = np.minimum(np.ceil(self.centre + reach), SIZE).astype(int)
        part = slice(low[0], high[0]), slice(low[1], high[1])
        offsets = _PIXELS[part] - self.centre
        return part, coverage(self.kind, offsets, self.radius, self.angle)


@register_dataset("shape_scenes", licence=GENERATED)
def shape_scenes() -> Dataset:
    """4,000 colour images of 64 x 64 pixels with one to four shapes and their boxes."""
    generator = np.random.default_rng(SPLIT_SEED)
    x = np.empty((_SCENES, SIZE, SIZE, 3), "uint8")
    y = np.full((_SCENES, MOST, 5), PADDING, "float32")
    for scene in range(_SCENES):
        things = _scattered(generator, int(generator.integers(1, MOST + 1)))
        x[scene], boxes = picture(things, generator)
        for place, (box, thing) in enumerate(zip(boxes, things, strict=True)):
            y[scene, place] = *box, thing.kind
    return make_detection_dataset("shape_scenes", KINDS, Split(x, y))


def picture(
    things: list[Thing], generator: np.random.Generator
) -> tuple[np.ndarray, list[Box]]:
    """Draws things on a dark ground, later ones over earlier ones, with noise.

    Returns:
        Pixels `(64, 64, 3)` of 0 to 255, and the box of each thing: left, top, right
        and bottom in pixels.
    """
    pixels = np.tile(generator.uniform(20, 60, 3), (SIZE, SIZE, 1))
    boxes = []
    for thing in things:
        part, covered = thing.drawn
        mask = covered[..., np.newaxis]
        pixels[part] += mask * (thing.colour - pixels[part])
        rows, columns = (np.flatnonzero((covered > 0.5).any(axis=k)) for k in (1, 0))
        top, left = (axis.start for axis in part)
        box = columns[0] + left, rows[0] + top, columns[-1] + left, rows[-1] + top
        boxes.append((int(box[0]), int(box[1]), int(box[2]) + 1, int(box[3]) + 1))
    pixels += generator.integers(-_NOISE, _NOISE + 1, pixels.shape, dtype="int8")
    return pixels.round().astype("uint8"), boxes


def _scattered(generator: np.random.Generator, count: int) -> list[Thing]:
    """Draws things that leave room to each other; fewer where there is none."""
    things: list[Thing] = []
    for _ in range(_TRIES):
        if len(things) == count:
            break
        thing = Thing(
            int(generator.integers(len(KINDS))),
            list(COLOURS.values())[generator.integers(len(COLOURS))],
            generator.uniform(14, SIZE - 14, 2),
            float(generator.uniform(5, 10)),
            float(generator.uniform(0, 2 * np.pi)),
        )
        if all(_leaves_room(thing, other) for other in things):
            things.append(thing)
    return things


def _leaves_room(thing: Thing, other: Thing) -> bool:
    distance = np.linalg.norm(thing.centre - other.centre)
    return bool(distance > 1.2 * (thing.radius + other.radius))
