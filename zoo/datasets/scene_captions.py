"""Generated scenes with the sentences of a small grammar.

    sentence <- thing | [thing {"," thing}] thing "and" thing
    thing    <- "a" colour shape place
    place    <- "top-left" | "top" | "top-right" | "left" | "centre" | ...

Things stand in reading order. Some colours of shapes occur in the test split alone.
"""

import numpy as np

from zoo.datasets.captions import make_caption_dataset
from zoo.datasets.dataset import SPLIT_SEED, Dataset
from zoo.datasets.named import GENERATED, register_dataset
from zoo.datasets.scenes import COLOURS, KINDS, MOST, Thing, picture
from zoo.datasets.shapes import SIZE

PLACES = (
    *("top-left", "top", "top-right"),
    *("left", "centre", "right"),
    *("bottom-left", "bottom", "bottom-right"),
)
HUES = COLOURS | {
    "cyan": (70, 210, 220),
    "orange": (230, 135, 40),
    "purple": (150, 60, 190),
}
SHAPES = (*KINDS, "ring", "cross", "bar")
UNSEEN = (
    *(("red", "triangle"), ("green", "square"), ("blue", "disc"), ("yellow", "ring")),
    *(("white", "cross"), ("cyan", "bar"), ("orange", "disc"), ("purple", "square")),
)
_SIZES = {"train": 6_000, "validation": 400, "test": 1_000}
_CELL = SIZE / 3
_COMPOSITIONS = [(colour, kind) for colour in HUES for kind in SHAPES]
_SEEN = [pair for pair in _COMPOSITIONS if pair not in UNSEEN]


@register_dataset("scene_captions", licence=GENERATED)
def scene_captions() -> Dataset:
    """7,400 colour images of 64 x 64 pixels, each with a sentence about its shapes.

    As in "a red disc top-left , a blue square centre and a white disc right". Half of
    the test images have a shape in a colour that training never shows it in, one of
    eight of the 48 such pairs, such as a red triangle.
    """
    generator = np.random.default_rng(SPLIT_SEED)
    splits = {}
    for part, size in _SIZES.items():
        pairs = [
            _scene(generator, has_unseen=part == "test" and i % 2 == 1)
            for i in range(size)
        ]
        images, sentences = zip(*pairs, strict=True)
        splits[part] = np.stack(images), sentences
    return make_caption_dataset("scene_captions", splits)


def _scene(
    generator: np.random.Generator, *, has_unseen: bool
) -> tuple[np.ndarray, str]:
    count = int(generator.integers(1, MOST + 1))
    cells = np.sort(generator.choice(len(PLACES), count, replace=False))
    pairs = [_SEEN[i] for i in generator.integers(len(_SEEN), size=count)]
    if has_unseen:
        pairs[generator.integers(count)] = UNSEEN[generator.integers(len(UNSEEN))]
    things = [
        _thing(colour, kind, int(cell), generator)
        for (colour, kind), cell in zip(pairs, cells, strict=True)
    ]
    phrases = [
        f"a {colour} {kind} {PLACES[cell]}"
        for (colour, kind), cell in zip(pairs, cells, strict=True)
    ]
    *first, last = phrases
    sentence = f"{' , '.join(first)} and {last}" if first else last
    image, _ = picture(things, generator)
    return image, sentence


def _thing(colour: str, kind: str, cell: int, generator: np.random.Generator) -> Thing:
    centre = _CELL * (np.array(divmod(cell, 3)) + 0.5) + generator.uniform(-2, 2, 2)
    return Thing(
        SHAPES.index(kind),
        HUES[colour],
        centre,
        float(generator.uniform(6, 9)),
        float(generator.uniform(0, 2 * np.pi)),
    )
