"""Arrays in an `.npz` file."""

import dataclasses
import math
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from zoo import bounds
from zoo.array_file import DAMAGES, HoldsObjectsError, member_header, read_header
from zoo.datasets.array_checks import (
    PARTS,
    are_indicators,
    by_usual_names,
    check_one_hot,
    check_precision,
    examine_arrays,
    usual_names,
)
from zoo.datasets.dataset import Dataset, Split, make_dataset
from zoo.datasets.dataset_type import register_file_type
from zoo.datasets.label_sets import make_multi_label_dataset
from zoo.datasets.quantities import is_quantity, make_regression_dataset
from zoo.datasets.storage import BLOCK_BYTES, Samples, computed_dtype
from zoo.datasets.unlabelled import make_unlabelled_dataset
from zoo.errors import DatasetError

_KEYS = (
    "it must hold `x` and `y`, or `x_train` and `y_train` with, if there are any, "
    "`x_test`, `y_test`, `x_validation`, `y_validation` and `labels` or `targets`; `x` "
    "without `y` is for autoencoders; `sampling_rate` says that `x` are waveforms; "
    "`train_images` and `train_labels` will do, too"
)

_TARGET = ("target",)


@register_file_type(
    "npz",
    ".npz",
    help="an .npz file of arrays",
    tasks=("classification", "multi_label", "regression"),
)
def load(path: Path, task: str | None = None) -> Dataset:
    """Loads samples with integer labels, or quantities, from an `.npz` file.

    Samples alone, `x` without `y`, are a dataset without labels.

    Images are (samples, height, width) or (samples, height, width, channels). Samples
    are read block by block, each into its place in a split, so that no second copy of
    them is ever in memory.

    Quantities are fractions, or in several columns; `targets` holds their names.
    Several columns of 0 and 1 are labels, of which a sample has any number; `labels`
    holds their names.
    Waveforms are (samples, time), with their `sampling_rate`, a number of Hz.

    Args:
        path: The file.
        task: `classification`, `multi_label` or `regression`; what `y` looks like if
            None.

    Raises:
        DatasetError: If the file is missing, truncated, lacks an array, or unfolds to
            far more than its size.
    """
    if not path.is_file():
        raise DatasetError(f"There is no file {path}; check the path.")
    bounds.check_fetched(path)
    try:
        with zipfile.ZipFile(path) as file:
            bounds.check_members(path, file)
            found, objects = _members(path, file)
    except DatasetError:
        raise
    except DAMAGES as error:
        raise DatasetError(f"{path} is not a readable .npz file: {error}") from error
    held = by_usual_names(found)
    findings = tuple(examine_arrays(held, objects))
    unlabelled = _unlabelled(held)
    if unlabelled is not None:
        data = make_unlabelled_dataset(str(path), *unlabelled)
        return dataclasses.replace(data, findings=(*data.findings, *findings))
    train = _split(path, held, "_train") or _split(path, held, "")
    if train is None:
        names = ", ".join(found) or "nothing"
        raise DatasetError(f"{path}: {_KEYS}. Received: {names}")
    test, validation = (_split(path, held, f"_{p}") for p in ("test", "validation"))
    check_one_hot(path, train)
    check_precision(path, held.get("x_train") or held["x"])
    rate = _sampling_rate(path, held, train)
    if task is None:
        task = _task_of(train.y)
    if task == "regression":
        names = _targets(held, train)
        data = make_regression_dataset(str(path), names, train, test, validation)
    elif task == "multi_label":
        names = _names_of_columns(held, train)
        data = make_multi_label_dataset(str(path), names, train, test, validation)
    else:
        names = _names_of(train) if "labels" not in held else ()
        splits = [
            None if s is None else _with_ids(path, s, names)
            for s in (train, test, validation)
        ]
        labels = names or _labels(path, held, splits[0])
        data = make_dataset(str(path), labels, *splits)
    findings = (*data.findings, *findings)
    return dataclasses.replace(data, sampling_rate=rate, findings=findings)


def _members(path: Path, file: zipfile.ZipFile) -> "tuple[_Members, list[str]]":
    """Returns the arrays by name, and the names of those of objects beside them.

    Raises:
        ValueError: If samples or targets are objects, or a header is damaged.
    """
    found, objects = {}, {}
    for member in file.infolist():
        name = member.filename.removesuffix(".npy")
        try:
            found[name] = _Member(path, file, member)
        except HoldsObjectsError as error:
            objects[name] = error
    for usual, name in usual_names([*found, *objects]).items():
        if name in objects and usual.startswith(("x", "y", "labels", "targets")):
            raise objects[name]
    return found, list(objects)


def _names_of(train: Split) -> tuple[str, ...]:
    """Names of the classes where targets are texts; none where they are numbers."""
    if train.y.dtype.kind not in "US" or train.y.ndim != 1:
        return ()
    return tuple(sorted({str(name) for name in train.y.astype(str)}))


def _sampling_rate(path: Path, held: dict[str, "_Member"], train: Split) -> int | None:
    if "sampling_rate" not in held:
        return None
    rate = held["sampling_rate"].all()
    is_rate = rate.shape == () and rate.dtype.kind in "iuf" and 0 < rate < 10**7
    if not is_rate or len(train.x.shape) != 2:
        raise DatasetError(
            f"{path}: `sampling_rate` must be one number of Hz, and `x` waveforms of "
            f"shape (samples, time). Received: {rate.tolist()}, {train.x.shape}"
        )
    return int(rate)


class _Member:
    """An array of the file, of which only the header was read.

    Args:
        path: The file.
        file: The same, open.
        member: Its place in the file.
    """

    def __init__(
        self, path: Path, file: zipfile.ZipFile, member: zipfile.ZipInfo
    ) -> None:
        self.path, self.member = path, member
        self.shape, self.fortran, self.dtype = member_header(file, member)

    def all(self) -> np.ndarray:
        """Reads all of it."""
        rows = list(self._blocks(max(1, self.shape[0] if self.shape else 1)))
        return rows[0] if rows else np.empty(self.shape, self.dtype)

    def samples(self) -> Samples | np.ndarray:
        """Samples of three axes are images of one channel; float64 becomes float32."""
        shape = (*self.shape, 1) if len(self.shape) == 3 else self.shape
        dtype = computed_dtype(self.dtype)
        if self.fortran or not shape or not self.shape[0]:
            with np.errstate(over="ignore"):  # infinity is refused
                return np.ascontiguousarray(self.all().reshape(shape), dtype)

        def read() -> Iterator[np.ndarray]:
            for block in self.blocks():
                whole = block.reshape(len(block), *shape[1:])
                with np.errstate(over="ignore"):  # infinity is refused
                    yield whole.astype(dtype, copy=False)

        return Samples(shape, dtype, read)

    def blocks(self) -> Iterator[np.ndarray]:
        """Yields some rows at a time."""
        row = math.prod(self.shape[1:]) * self.dtype.itemsize
        return self._blocks(max(1, BLOCK_BYTES // max(1, row)))

    def _blocks(self, count: int) -> Iterator[np.ndarray]:
        """Yields so many rows at a time."""
        try:
            with zipfile.ZipFile(self.path) as file, file.open(self.member) as raw:
                read_header(raw, self.member.file_size)
                if self.fortran or not self.shape:
                    flat = np.frombuffer(raw.read(), self.dtype)
                    yield flat.reshape(self.shape[::-1]).T
                    return
                row = math.prod(self.shape[1:])
                for start in range(0, self.shape[0], count):
                    rows = min(count, self.shape[0] - start)
                    content = raw.read(rows * row * self.dtype.itemsize)
                    block = np.frombuffer(content, self.dtype)
                    yield block.reshape(rows, *self.shape[1:])
        except DAMAGES as error:
            raise DatasetError(
                f"{self.path} is not a readable .npz file: {error}"
            ) from error


_Members = dict[str, _Member]


def _unlabelled(held: dict[str, _Member]) -> list[Any] | None:
    """The samples of training, test and validation; None where there are labels."""
    if any(name in held for part in PARTS for name in (f"y{part}", "y")):
        return None
    found = {part: held.get(f"x{part}") for part in PARTS}
    found["_train"] = found["_train"] or held.get("x")
    if found["_train"] is None:
        return None
    return [None if each is None else each.samples() for each in found.values()]


def _split(path: Path, held: dict[str, _Member], suffix: str) -> Split | None:
    x, y = held.get(f"x{suffix}"), held.get(f"y{suffix}")
    if x is None and y is None:
        return None
    if x is None or y is None:
        raise DatasetError(f"{path}: {_KEYS}. Received: {', '.join(held)}")
    targets = y.all()
    if targets.ndim == 2 and targets.shape[1] == 1:
        targets = targets.reshape(-1)
    samples: Any = x.samples()
    return Split(samples, targets)


def _labels(path: Path, held: dict[str, _Member], train: Split) -> tuple[str, ...]:
    if "labels" in held:
        return tuple(str(label) for label in held["labels"].all().ravel())
    y = train.y
    highest = int(y.max()) if y.size and y.dtype.kind in "biu" else 0
    if highest >= max(2, y.size):
        raise DatasetError(
            f"{path} has the label {highest} but {y.size} samples, and each class "
            "needs one; count the classes from 0, without gaps, or give --task "
            "regression if these are quantities."
        )
    return tuple(str(i) for i in range(highest + 1))


def _task_of(y: np.ndarray) -> str:
    """What targets are: fractions, or several of each sample, are quantities."""
    if are_indicators(y):
        return "multi_label"
    if y.dtype.kind == "f" and (y.ndim > 1 or is_quantity(y[~np.isnan(y)])):
        return "regression"
    return "classification"


def _names_of_columns(held: dict[str, _Member], train: Split) -> tuple[str, ...]:
    if "labels" in held:
        return tuple(str(name) for name in held["labels"].all().ravel())
    return tuple(str(place) for place in range(train.y.shape[-1]))


def _targets(held: dict[str, _Member], train: Split) -> tuple[str, ...]:
    if "targets" in held:
        return tuple(str(name) for name in held["targets"].all().ravel())
    count = 1 if train.y.ndim == 1 else train.y.shape[1]
    return tuple(f"target_{i}" for i in range(1, count + 1)) if count > 1 else _TARGET


def _with_ids(path: Path, split: Split, names: tuple[str, ...]) -> Split:
    """Labels as integers: whole numbers in floats, or the places of names."""
    if names:
        places = {name: place for place, name in enumerate(names)}
        given = split.y.astype(str).tolist() if split.y.ndim == 1 else []
        unknown = next((name for name in given if name not in places), None)
        if unknown is not None or len(given) != len(split.y):
            raise DatasetError(
                f"{path}: the label {unknown!r} stands in no training sample; add "
                "some, or leave it out."
            )
        return split._replace(y=np.array([places[name] for name in given]))
    if split.y.dtype.kind != "f":
        return split
    is_whole = np.isfinite(split.y).all() and (split.y == np.floor(split.y)).all()
    return split._replace(y=split.y.astype("int64")) if is_whole else split
