"""What the arrays of an `.npz` file are called, and what is wrong with them."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np

from zoo.datasets.dataset import Split
from zoo.datasets.finding import Finding, listed
from zoo.datasets.split_folders import split_of
from zoo.errors import DatasetError

PARTS = ("_train", "_test", "_validation")
_BESIDE = ("labels", "targets", "sampling_rate")
_OTHER_NAMES = {
    **dict.fromkeys(("image", "images", "data", "features"), "x"),
    **dict.fromkeys(("label", "labels", "target", "targets"), "y"),
    **dict.fromkeys(("target_names", "class_names"), "labels"),
}
_LEAST_KEPT = 0.95  # fraction of the distinct values that float32 must keep
_NARROW = 2.0**-10  # range of values by their size, of which float32 loses some
_WHOLE = 2.0**24  # beyond which float32 has no more all whole numbers


class Member(Protocol):
    """An array of a file, of which only the header was read."""

    shape: tuple[int, ...]
    dtype: np.dtype

    def blocks(self) -> Iterator[np.ndarray]:
        """Yields some rows at a time."""
        ...


Held = TypeVar("Held", bound=Member)


def by_usual_names(found: Mapping[str, Held]) -> dict[str, Held]:
    """Returns arrays by the names that are read, of those that are usual for them.

    Case says nothing, a split is called as `split_of` knows it, before or behind what
    it holds: `X_val`, `test_x`. Where no array is called `x`, `images` are, and where
    none is called `y`, `labels` are, as in MedMNIST's files: `train_images`.
    """
    return {usual: found[name] for usual, name in usual_names(list(found)).items()}


def usual_names(names: Sequence[str]) -> dict[str, str]:
    """Returns the names of arrays by those that are read, see `by_usual_names`.

    >>> usual_names(["data", "target", "target_names", "DESCR"])
    {'x': 'data', 'y': 'target', 'labels': 'target_names', 'descr': 'DESCR'}
    """
    parts = {name: _stem_and_split(name.lower()) for name in names}
    taken = {stem for stem, _ in parts.values()}
    others = {k: v for k, v in _OTHER_NAMES.items() if v not in taken}
    found: dict[str, str] = {}
    for name in names:
        stem, split = parts[name]
        stem = others.get(stem, stem)
        usual = f"{stem}_{split}" if split else stem
        found[name if usual in found else usual] = name
    return found


def _stem_and_split(name: str) -> tuple[str, str | None]:
    """What an array holds, and of which split.

    >>> _stem_and_split("x_val"), _stem_and_split("train_images")
    (('x', 'validation'), ('images', 'train'))
    >>> _stem_and_split("sampling_rate")
    ('sampling_rate', None)
    """
    first, _, last = name.partition("_")
    for stem, part in ((first, last), (last, first)):
        split = split_of(part) if part else None
        if split and stem in ("x", "y", *_OTHER_NAMES):
            return stem, split
    return name, None


def examine_arrays(
    held: Mapping[str, Member], objects: Sequence[str] = ()
) -> Iterator[Finding]:
    """Says which arrays are not used, and whether pictures lie otherwise.

    Args:
        held: By the names that are read.
        objects: Names of arrays of Python objects, which are not read.
    """
    known = {f"{each}{part}" for each in "xy" for part in ("", *PARTS)}
    others = [name for name in held if name not in (*known, *_BESIDE)]
    both = [name for name in ("x", "y") if {name, f"{name}_train"} <= {*held}]
    unused = [*others, *both, *objects]
    if unused:
        what = f"arrays {listed(unused)} are not used"
        remedy = "samples are called x or x_train, x_validation, x_test, targets y"
        yield Finding("unused_arrays", what, remedy, "warning")
    x = held.get("x_train") or held.get("x")
    if x is not None and len(x.shape) == 4:
        _, first, height, width = x.shape
        if first in (1, 3, 4) and min(height, width) > 4:
            yield Finding(
                "channels_first",
                f"samples of shape {first} x {height} x {width} are read as height, "
                f"width, channels, and look like channels, height, width",
                "x.transpose(0, 2, 3, 1) has the channels last",
                "warning",
            )


def check_precision(path: Path, x: Member) -> None:
    """Refuses columns whose values float32, in which models compute, cannot tell."""
    if len(x.shape) != 2 or x.dtype.kind not in "iuf" or x.dtype.itemsize < 4:
        return
    if x.dtype == np.float32:
        return
    extremes = [(b.min(axis=0), b.max(axis=0)) for b in x.blocks() if b.size]
    if not extremes:
        return
    low = np.min([each[0] for each in extremes], axis=0).astype("float64")
    high = np.max([each[1] for each in extremes], axis=0).astype("float64")
    far = np.maximum(np.abs(low), np.abs(high))
    are_close = (high - low < _NARROW * far) | (far > _WHOLE)
    # What is beyond float32 is refused with NaN.
    for place in np.flatnonzero(are_close & (far <= np.finfo("float32").max)):
        values = np.concatenate([block[:, place] for block in x.blocks()])
        distinct = len(np.unique(values))
        kept = len(np.unique(values.astype("float32")))
        if kept < _LEAST_KEPT * distinct:
            raise DatasetError(
                f"{path}: of {distinct} different values in column {place} of x, "
                f"{kept} are left in float32, in which models compute; subtract "
                f"{low[place]:.17g} from them, or leave the column out."
            )


def are_indicators(y: np.ndarray) -> bool:
    """Whether targets are 1 where a sample has a label, and 0 elsewhere."""
    is_matrix = y.ndim == 2 and y.shape[1] > 1 and y.dtype.kind in "biuf"
    return is_matrix and bool(np.isin(y, (0, 1)).all())


def check_one_hot(path: Path, train: Split) -> None:
    """Refuses labels that are rows of a single 1, which would be read as quantities."""
    y = train.y
    if are_indicators(y) and (y.sum(axis=1) == 1).all():
        raise DatasetError(
            f"{path}: its labels are one-hot, {y.shape[1]} numbers for each sample; "
            "write class ids: y.argmax(axis=1)."
        )
