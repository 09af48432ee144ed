"""Generated datasets: small problems that show what a model can do."""

import itertools

import numpy as np

from zoo.datasets.dataset import SPLIT_SEED, Dataset, Split, make_dataset
from zoo.datasets.named import GENERATED, register_dataset

_LABELS = ("0", "1")


@register_dataset("not", licence=GENERATED)
def logic_not() -> Dataset:
    """The two cases of NOT."""
    return _truth_table("not", [[0], [1]], [1, 0])


@register_dataset("and", licence=GENERATED)
def logic_and() -> Dataset:
    """The four cases of AND."""
    return _truth_table("and", _PAIRS, [0, 0, 0, 1])


@register_dataset("or", licence=GENERATED)
def logic_or() -> Dataset:
    """The four cases of OR."""
    return _truth_table("or", _PAIRS, [0, 1, 1, 1])


@register_dataset("xor", licence=GENERATED)
def xor() -> Dataset:
    """The four cases of XOR, not linearly separable (Minsky and Papert, 1969)."""
    return _truth_table("xor", _PAIRS, [0, 1, 1, 0])


_PAIRS = list(itertools.product((0, 1), repeat=2))


def _truth_table(name: str, inputs: list, outputs: list[int]) -> Dataset:
    # There are no other cases to hold out: each split has them all.
    split = Split(np.array(inputs, "float32"), np.array(outputs))
    return make_dataset(name, _LABELS, split, split, split)


@register_dataset("circles", licence=GENERATED)
def circles() -> Dataset:
    """1,000 points on two noisy circles around one centre, radius 1 and 0.5."""
    from sklearn.datasets import make_circles

    x, y = make_circles(1_000, noise=0.05, factor=0.5, random_state=SPLIT_SEED)
    return make_dataset("circles", ("outer", "inner"), Split(x.astype("float32"), y))


_CORNER, _OTHER = ((1, 1), (1, 0)), ((0, 1), (1, 1))
_COPIES = 20


@register_dataset("corners", licence=GENERATED)
def corners() -> Dataset:
    """Images of 4 x 4 pixels with a corner, or with the same corner rotated.

    Whether the upper left corner of a square is in the image does not depend on its
    position. Training shows five of the nine positions, the test the four others; a
    convolution, which shares weights between positions, loses nothing by that.
    """
    positions = list(itertools.product(range(3), repeat=2))
    unseen = {(0, 1), (1, 0), (1, 2), (2, 1)}
    generator = np.random.default_rng(SPLIT_SEED)
    seen = _images([p for p in positions if p not in unseen], generator)
    validation = _images([p for p in positions if p not in unseen], generator)
    test = _images(sorted(unseen), generator)
    return make_dataset("corners", ("turned", "corner"), seen, test, validation)


def _images(positions: list, generator: np.random.Generator) -> Split:
    x, y = [], []
    for (row, column), label, _ in itertools.product(
        positions, range(2), range(_COPIES)
    ):
        image = generator.normal(scale=0.1, size=(4, 4, 1))
        image[row : row + 2, column : column + 2, 0] += (_OTHER, _CORNER)[label]
        x.append(image)
        y.append(label)
    return Split(np.array(x, "float32"), np.array(y))
