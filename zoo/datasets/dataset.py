"""A dataset in memory, its splits, and the checks each of them passes."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from zoo.datasets.finding import Finding
from zoo.datasets.input_column import InputColumn
from zoo.datasets.storage import Samples, allocate, blocks, computed_dtype
from zoo.datasets.vocabulary import Vocabulary
from zoo.environments.environment import Environment
from zoo.errors import DatasetError

SPLIT_SEED = 0


class Split(NamedTuple):
    """Samples `x` of shape (samples, ...) and their targets `y`.

    Targets are integer labels of shape (samples,), quantities of shape (samples,
    targets) in `float32`, or what a task makes of them. Raw texts are arrays of
    objects: strings, or lists of tokens.
    """

    x: np.ndarray
    y: np.ndarray


@dataclasses.dataclass(frozen=True)
class Dataset:
    """Labelled samples in three splits.

    Args:
        name: What it was loaded by.
        train: Training split.
        validation: Split on which weights and hyperparameters are chosen.
        test: Split of the published metrics, read once.
        labels: Name of each class; `y` holds class ids.
        task: Name in `zoo.tasks`.
        targets: Name of each quantity in `y`, in a regression.
        vocabulary: Of the token ids in `x`, where it holds such.
        facts: Statistics of the training split that a task needs to score others.
        findings: What was decided and found as it was read.
        columns: What the columns of `x` hold, of a table; NaN in `x` is a missing value
            then, see `InputColumn`.
        text_column: Name of the column of a table that `x` holds the texts of.
        sampling_rate: Samples a second, where `x` holds waveforms `(samples, time)`.
        largest_pixel: The largest value that pixels can have, where `x` was read from
            picture files; dark pictures do not reach it.
        environment: What is played, where `x` holds observations.
        groups: What each sample belongs to, such as a patient, by split: arrays of
            shape (samples,). Folds of a cross-validation share none. None without any.
    """

    name: str
    train: Split
    validation: Split
    test: Split
    labels: tuple[str, ...]
    task: str = "classification"
    targets: tuple[str, ...] = ()
    vocabulary: Vocabulary | None = None
    facts: dict[str, float] = dataclasses.field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    columns: tuple[InputColumn, ...] = ()
    text_column: str | None = None
    sampling_rate: int | None = None
    largest_pixel: float | None = None
    environment: Environment | None = None
    groups: Mapping[str, np.ndarray] = dataclasses.field(default_factory=dict)

    @classmethod
    def of(cls, name: str, splits: Mapping[str, Split], **fields: Any) -> "Dataset":
        """Makes a dataset of `splits` by name, and further fields."""
        train, validation = splits["train"], splits["validation"]
        return cls(name, train, validation, splits["test"], **fields)

    @property
    def splits(self) -> dict[str, Split]:
        """The three splits by name."""
        return {name: getattr(self, name) for name in ("train", "validation", "test")}

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one sample."""
        return self.train.x.shape[1:]

    @property
    def has_texts(self) -> bool:
        """Whether `x` holds texts or tokens, which are encoded before a training.

        Several series of numbers are lists of different lengths, too.
        """
        return self.train.x.dtype == object and self.task != "forecasting"

    @property
    def num_classes(self) -> int:
        """Number of classes."""
        return len(self.labels)


def make_dataset(
    name: str,
    labels: tuple[str, ...],
    train: Split,
    test: Split | None = None,
    validation: Split | None = None,
    *,
    columns: tuple[InputColumn, ...] = (),
    test_share: float = 0.2,
    validation_share: float = 0.1,
) -> Dataset:
    """Checks samples and labels, and draws the missing splits from `train`.

    Args:
        name: Of the dataset.
        labels: Name of each class.
        train: All samples, or those of the training split. Drawn splits are copies,
            given ones are not.
        test: The test split, where there is one.
        validation: The validation split, where there is one.
        columns: What the columns of a table hold, as `encode_rows` encodes it; none
            otherwise. NaN is a missing value then.
        test_share: Fraction of `train` to split off for a missing `test`.
        validation_share: Fraction of the rest to split off for a missing `validation`.

    Raises:
        DatasetError: If samples and labels do not belong together.
    """
    given = given_splits(name, train, test, validation)
    for part, split in given.items():
        check_classes(f"{name} ({part})", split, labels, train.x.shape[1:])
    check_columns(name, columns, train.x.shape[1:])
    check_trained_classes(name, train, labels)

    def draw(rows: np.ndarray, share: float) -> tuple[np.ndarray, np.ndarray]:
        return _draw(name, train.y[rows], labels, share)

    rows = {part: np.arange(len(split.y)) for part, split in given.items()}
    shares = {"test": test_share, "validation": validation_share}
    splits = divide(name, given, rows, shares, draw, may_miss=bool(columns))
    return Dataset.of(name, splits, labels=labels, columns=columns)


def given_splits(
    name: str, train: Split, test: Split | None, validation: Split | None
) -> dict[str, Split]:
    """Returns the splits that are given, each of two arrays.

    Raises:
        DatasetError: If one is none.
    """
    splits = {"train": train, "test": test, "validation": validation}
    given = {part: split for part, split in splits.items() if split is not None}
    for part, split in given.items():
        _check_arrays(f"{name} ({part})", split)
    return given


def divide(
    name: str,
    given: dict[str, Split],
    rows: dict[str, np.ndarray],
    shares: dict[str, float],
    draw: Callable[[np.ndarray, float], tuple[np.ndarray, np.ndarray]],
    *,
    may_miss: bool = False,
) -> dict[str, Split]:
    """Returns all three splits, the missing ones drawn from `train`.

    Args:
        name: Of the dataset.
        given: The splits that are given.
        rows: Which of their rows are used.
        shares: Fraction of the rows of `train` to draw for a split that is missing, and
            of the rest for the next.
        draw: Divides places among the rows of `train`: those that stay, and the others.
        may_miss: Whether NaN is a missing value.
    """
    rows, splits = dict(rows), {}
    for part, share in shares.items():
        if part not in given:
            kept, drawn = draw(rows["train"], share)
            rows["train"], rows[part] = (rows["train"][each] for each in (kept, drawn))
    for part, split in given.items():
        of_it = [k for k in rows if k == part or (part == "train" and k not in given)]
        moved = {key: rows[key] for key in of_it}
        splits |= read_rows(f"{name} ({part})", split, moved, may_miss=may_miss)
    return splits


def _check_arrays(name: str, split: Split) -> None:
    is_split = isinstance(split, Split) and isinstance(split.y, np.ndarray)
    if not (is_split and isinstance(split.x, np.ndarray | Samples)):
        raise DatasetError(
            f"{name}: a split must be a zoo.Split of two numpy arrays, samples and "
            "labels."
        )


def check_samples(name: str, split: Split, shape: tuple[int, ...]) -> None:
    """Checks that samples are numbers or texts of the shape of the training split.

    Raises:
        DatasetError: If they are not.
    """
    x, y = split
    if x.dtype.kind not in "biufO":
        raise DatasetError(
            f"{name}: samples must be numbers, or texts. Received: {x.dtype}"
        )
    if len(x) == 0:
        raise DatasetError(f"{name}: there are no samples.")
    if len(x) != len(y):
        raise DatasetError(f"{name}: {len(x)} samples but {len(y)} labels.")
    if x.shape[1:] != shape:
        raise DatasetError(
            f"{name}: samples have the shape {x.shape[1:]}, those of train {shape}."
        )


def check_classes(
    name: str, split: Split, labels: tuple[str, ...], shape: tuple[int, ...]
) -> None:
    """Checks samples, and that their labels are class ids.

    Raises:
        DatasetError: If they are not.
    """
    y = split.y
    if y.dtype.kind not in "biu" or y.ndim != 1:
        raise DatasetError(
            f"{name}: labels must be integers of shape (samples,), counted from 0. "
            f"Received: {y.dtype} of shape {y.shape}"
        )
    check_samples(name, split, shape)
    if y.min() < 0 or y.max() >= len(labels):
        raise DatasetError(
            f"{name}: labels must be in 0..{len(labels) - 1}, counted from 0. "
            f"Received: {y.min()}..{y.max()}"
        )


def check_columns(
    name: str, columns: tuple[InputColumn, ...], shape: tuple[int, ...]
) -> None:
    """Checks that each column of a matrix is described, or none.

    Raises:
        DatasetError: If other ones are.
    """
    if columns and shape != (len(columns),):
        raise DatasetError(
            f"{name}: {len(columns)} columns are described, samples have the shape "
            f"{shape}; describe each column of a matrix, or none."
        )


def check_trained_classes(name: str, train: Split, labels: tuple[str, ...]) -> None:
    """Checks that there are classes, and samples of each to train on.

    Raises:
        DatasetError: If there are not.
    """
    if len(labels) < 2:
        raise DatasetError(f"{name} has one class; a classifier needs two or more.")
    missing = np.setdiff1d(np.arange(len(labels)), train.y)
    if len(missing):
        names = ", ".join(labels[i] for i in missing[:5])
        raise DatasetError(
            f"{name}: {len(missing)} of {len(labels)} classes have no sample to "
            f"train on ({names}); add some or renumber the labels."
        )


def _draw(
    name: str, y: np.ndarray, labels: tuple[str, ...], share: float
) -> tuple[np.ndarray, np.ndarray]:
    """Draws a fraction of the rows, class by class: those that stay, and the others."""
    from sklearn.model_selection import train_test_split

    try:
        kept, drawn = train_test_split(
            np.arange(len(y)), test_size=share, random_state=SPLIT_SEED, stratify=y
        )
    except ValueError as error:
        counts = np.bincount(y.astype("int64"), minlength=len(labels))
        raise DatasetError(
            f"{name}: {len(y)} samples are too few to draw a held-out part "
            f"with each class in it; add samples of {labels[counts.argmin()]!r}, of "
            f"which there are {counts.min()}."
        ) from error
    return kept, drawn


def read_rows(
    name: str, split: Split, rows: dict[str, np.ndarray], *, may_miss: bool = False
) -> dict[str, Split]:
    """Reads samples once, each into its place in one of the splits.

    An array that is not divided stays where it is.

    Args:
        name: Of what is read, for a message.
        split: Samples and labels.
        rows: Rows of each split that is made of them, which have each row at most once.
        may_miss: Whether NaN is a missing value.

    Raises:
        DatasetError: If a sample is not finite.
    """
    x = split.x
    is_whole = sum(map(len, rows.values())) == len(x)
    stays = len(rows) == 1 and is_whole and isinstance(x, np.ndarray)
    arrays = (
        []
        if stays
        else [allocate((len(r), *x.shape[1:]), x.dtype) for r in rows.values()]
    )
    part, place = (np.full(len(x), -1, "int64") for _ in range(2))
    for number, chosen in enumerate(rows.values()):
        part[chosen], place[chosen] = number, np.arange(len(chosen))
    bad, start = [], 0
    for block in blocks(x):
        stop = start + len(block)
        if x.dtype.kind == "f":
            with np.errstate(over="ignore"):
                values = block.astype(computed_dtype(x.dtype), copy=False)
            wrong = np.isinf(values) if may_miss else ~np.isfinite(values)
            fine = ~wrong.reshape(len(block), -1).any(axis=1)
            bad.extend(start + np.flatnonzero(~fine))
        for number, array in enumerate(arrays):
            here = part[start:stop] == number
            array[place[start:stop][here]] = block if here.all() else block[here]
        start = stop
    if bad:
        raise DatasetError(
            f"{name}: {len(bad)} of {len(x)} samples hold NaN or infinity (in "
            f"float32), the first is number {bad[0]}; remove or fill them."
        )
    read = [x] if stays else arrays
    return {
        key: Split(array, split.y[rows[key]])
        for key, array in zip(rows, read, strict=True)
    }
