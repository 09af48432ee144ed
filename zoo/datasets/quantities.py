"""Datasets of a regression: samples with quantities in the place of labels."""

from collections.abc import Iterator

import numpy as np

from zoo.datasets.dataset import (
    SPLIT_SEED,
    Dataset,
    Split,
    check_columns,
    check_samples,
    divide,
    given_splits,
)
from zoo.datasets.finding import Finding
from zoo.datasets.input_column import InputColumn
from zoo.errors import DatasetError

_MOST_CLASSES = 20  # distinct whole numbers that are classes, whatever they are
_ROWS_OF_A_CLASS = 5
_LARGEST = 1e18  # whose square float32 holds
_LEAST_KEPT = 0.95  # fraction of the distinct values that float32 must keep


def is_quantity(values: np.ndarray) -> bool:
    """Returns whether numbers are a quantity, or else ids of classes.

    Fractions, and many different numbers, are a quantity; but numbers counted from 0 or
    1 of which each stands in several rows are classes, as are two different ones.

    Example:

    >>> is_quantity(np.array([1, 2, 3, 3])), is_quantity(np.array([1, 2.5, 3, 3]))
    (False, True)
    """
    distinct, counts = np.unique(values, return_counts=True)
    if len(distinct) <= 2:
        return False
    if (distinct != np.floor(distinct)).any():
        return True
    is_counted = distinct[0] in (0, 1) and np.ptp(distinct) == len(distinct) - 1
    are_common = counts.sum() >= _ROWS_OF_A_CLASS * len(counts) and counts.min() > 1
    return len(distinct) > _MOST_CLASSES and not (is_counted and are_common)


def make_regression_dataset(
    name: str,
    targets: tuple[str, ...],
    train: Split,
    test: Split | None = None,
    validation: Split | None = None,
    *,
    columns: tuple[InputColumn, ...] = (),
    test_share: float = 0.2,
    validation_share: float = 0.1,
) -> Dataset:
    """Checks samples and quantities, and draws the missing splits from `train`.

    Samples without one of their targets (NaN) are left out, which a finding says.

    Args:
        name: Of the dataset.
        targets: Name of each quantity.
        train: All samples, or those of the training split; `y` holds numbers of shape
            (samples,) or (samples, targets).
        test: The test split, where there is one.
        validation: The validation split, where there is one.
        columns: What the columns of a table hold, see `make_dataset`.
        test_share: Fraction of `train` to split off for a missing `test`.
        validation_share: Fraction of the rest to split off for a missing `validation`.

    Raises:
        DatasetError: If samples and quantities do not belong together, or hold what no
            model can learn from.

    Example:

    >>> x = np.arange(20.0).reshape(10, 2)
    >>> data = make_regression_dataset("sums", ("sum",), Split(x, x.sum(axis=1)))
    >>> data.task, data.targets, data.train.y.shape, data.train.y.dtype
    ('regression', ('sum',), (7, 1), dtype('float32'))
    """
    given = {
        part: Split(split.x, _numbers(f"{name} ({part})", split.y, targets))
        for part, split in given_splits(name, train, test, validation).items()
    }
    for part, split in given.items():
        check_samples(f"{name} ({part})", split, train.x.shape[1:])
    check_columns(name, columns, train.x.shape[1:])
    known = {
        part: np.flatnonzero(~np.isnan(split.y).any(axis=1))
        for part, split in given.items()
    }
    findings = tuple(_missing(given, known))
    _check_trained(name, given["train"].y[known["train"]], targets)
    shares = {"test": test_share, "validation": validation_share}
    divided = divide(name, given, known, shares, _draw, may_miss=bool(columns))
    splits = {
        part: Split(split.x, _single(f"{name} ({part})", split.y))
        for part, split in divided.items()
    }
    return Dataset.of(
        name,
        splits,
        labels=(),
        task="regression",
        targets=targets,
        findings=findings,
        columns=columns,
    )


def check_quantities(data: Dataset) -> None:
    """Checks a dataset of a regression that is divided already.

    Raises:
        DatasetError: If it holds what no model can learn from.
    """
    for part, split in data.splits.items():
        name = f"{data.name} ({part})"
        check_samples(name, split, data.input_shape)
        if split.y.ndim != 2:
            raise DatasetError(
                f"{name}: quantities must have the shape (samples, targets). Received: "
                f"shape {split.y.shape}"
            )
        _single(name, _numbers(name, split.y, data.targets))
    _check_trained(data.name, data.train.y, data.targets)


def _numbers(name: str, y: np.ndarray, targets: tuple[str, ...]) -> np.ndarray:
    """Quantities of shape (samples, targets) in double precision."""
    columns = y.reshape(-1, 1) if y.ndim == 1 else y
    if y.dtype.kind not in "biuf" or columns.ndim != 2:
        raise DatasetError(
            f"{name}: quantities must be numbers of shape (samples,) or (samples, "
            f"targets). Received: {y.dtype} of shape {y.shape}"
        )
    if columns.shape[1] != len(targets):
        raise DatasetError(
            f"{name}: there are {columns.shape[1]} quantities of each sample, and "
            f"{len(targets)} names of targets."
        )
    return columns.astype("float64")


def _missing(
    given: dict[str, Split], known: dict[str, np.ndarray]
) -> Iterator[Finding]:
    for part, split in given.items():
        missing = len(split.y) - len(known[part])
        if missing:
            where = "" if len(given) == 1 else f" of {part}"
            yield Finding(
                "missing_targets",
                f"{missing} of {len(split.y)} samples{where} have no target: left out",
                level="warning",
            )


def _draw(rows: np.ndarray, share: float) -> tuple[np.ndarray, np.ndarray]:
    """Draws a fraction of the rows at random: those that stay, and the others."""
    mixed = np.random.default_rng(SPLIT_SEED).permutation(len(rows))
    count = max(1, round(share * len(rows)))
    return np.sort(mixed[count:]), np.sort(mixed[:count])


def _single(name: str, y: np.ndarray) -> np.ndarray:
    """Quantities in the precision that models compute in."""
    bad = ~(np.abs(y) <= _LARGEST)
    if bad.any():
        raise DatasetError(
            f"{name}: {bad.any(axis=1).sum()} of {len(y)} samples have a target that "
            f"is NaN, infinite or beyond {_LARGEST:g}, the first {y[bad][0]:g}; remove "
            "them, or write it in another unit or as a logarithm."
        )
    return y.astype("float32")


def _check_trained(name: str, y: np.ndarray, targets: tuple[str, ...]) -> None:
    """Checks that there is something to learn."""
    if len(y) < 3:
        raise DatasetError(
            f"{name}: {len(y)} samples with a target are too few for three splits."
        )
    for target, values in zip(targets, y.T, strict=True):
        finite = values[np.isfinite(values)]
        if len(finite) and np.ptp(finite) == 0:
            raise DatasetError(
                f"{name}: target {target!r} is {finite[0]:g} in all samples, so there "
                "is nothing to learn; choose another target."
            )
        kept = len(np.unique(finite.astype("float32"))) if len(finite) else 0
        distinct = len(np.unique(finite))
        if kept < _LEAST_KEPT * distinct:
            raise DatasetError(
                f"{name}: of {distinct} different values of target {target!r} {kept} "
                "are left in float32, in which models compute (they begin at "
                f"{finite.min():.17g}); subtract {finite.min():.17g} from them."
            )
