"""Generated videos of a shape that drifts sideways and bounces up and down."""

import numpy as np

from zoo.datasets.dataset import SPLIT_SEED, Dataset, Split, make_dataset
from zoo.datasets.named import GENERATED, register_dataset
from zoo.datasets.shapes import coverage

FRAMES, SIZE = 16, 24
BOUNCES = 4  # 0 to 3
LABELS = tuple(f"{way} {n}" for way in ("left", "right") for n in range(BOUNCES))
_VIDEOS = 4_000
_KINDS = 3
_NOISE = 24  # largest change of a pixel
_PIXELS = np.indices((SIZE, SIZE)).transpose(1, 2, 0)


@register_dataset("moving_shapes", licence=GENERATED)
def moving_shapes() -> Dataset:
    """4,000 videos of 16 frames: which way does the shape move, how often bounce?

    It leaves at one side and comes back at the other, and bounces between floor and
    ceiling. A single frame tells nothing: where the shape stands in it is independent
    of the class.
    """
    generator = np.random.default_rng(SPLIT_SEED)
    y = np.arange(_VIDEOS) % len(LABELS)
    x = np.stack([video(int(label), generator) for label in y])
    return make_dataset("moving_shapes", LABELS, Split(x, y))


def video(label: int, generator: np.random.Generator) -> np.ndarray:
    r"""Draws one video.

    .. math::

        x_t = x_0 \pm v t \bmod W, \qquad
        y_t = r + \mathrm{fold}(\phi + n L s_t), \quad s_0 = 0, \; s_T = 1

    with :math:`L = H - 2 r`, where fold is the reflection at 0 and `L`. As :math:`x_0`
    and the phase :math:`\phi` are uniform over a whole period, so are the positions in
    each frame, whatever the way and the number of bounces `n`; the speed varies, so
    that two frames do not tell the number either.

    Args:
        label: Place in `LABELS`.
        generator: Of the random numbers.

    Returns:
        Pixels `(16, 24, 24, 1)` of 0 to 255.
    """
    way, bounces = divmod(label, BOUNCES)
    radius = generator.uniform(2, 3)
    rows = radius + _heights(bounces, SIZE - 2 * radius, generator)
    speed = (2 * way - 1) * generator.uniform(0.7, 1.5)
    columns = generator.uniform(0, SIZE) + speed * np.arange(FRAMES)
    centres = np.stack([rows, columns], axis=-1)
    offsets = _PIXELS - centres[:, np.newaxis, np.newaxis]
    offsets[..., 1] = (offsets[..., 1] + SIZE / 2) % SIZE - SIZE / 2
    kind, angle = generator.integers(_KINDS), generator.uniform(0, 2 * np.pi)
    frames = 200 * coverage(int(kind), offsets, radius, angle) + _NOISE
    noise = generator.integers(-_NOISE, _NOISE + 1, frames.shape)
    return (frames + noise).astype("uint8")[..., np.newaxis]


def _heights(bounces: int, length: float, generator: np.random.Generator) -> np.ndarray:
    steps = generator.uniform(0.6, 1.4, FRAMES - 1)
    progress = np.append(0, np.cumsum(steps) / steps.sum())
    path = generator.uniform(0, 2 * length) + bounces * length * progress
    return length - np.abs(path % (2 * length) - length)
