"""Datasets whose samples have any number of labels each."""

from collections.abc import Iterator, Sequence

import numpy as np

from zoo.datasets.cells import is_missing
from zoo.datasets.dataset import (
    Dataset,
    Split,
    check_columns,
    check_samples,
    divide,
    given_splits,
)
from zoo.datasets.finding import Finding, listed
from zoo.datasets.input_column import InputColumn
from zoo.datasets.unlabelled import draw
from zoo.errors import DatasetError

_SEPARATORS = (";", "|", ",", None)  # None for spaces
_FEW = 5  # training samples with a label


def make_multi_label_dataset(
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
    """Checks samples and their labels, and draws the missing splits from `train`.

    Args:
        name: Of the dataset.
        labels: Name of each label.
        train: All samples, or those of the training split; `y` of shape
            (samples, labels) holds 1 where a sample has a label, and 0 elsewhere.
        test: The test split, where there is one.
        validation: The validation split, where there is one.
        columns: What the columns of a table hold, see `make_dataset`.
        test_share: Fraction of `train` to split off for a missing `test`.
        validation_share: Fraction of the rest to split off for a missing `validation`.

    Raises:
        DatasetError: If samples and labels do not belong together, or a label is that
            of no sample, or of all, of the training split.

    Example:

    >>> x, y = np.arange(20.0).reshape(10, 2), np.eye(2)[np.arange(10) % 2]
    >>> data = make_multi_label_dataset("numbers", ("even", "odd"), Split(x, y))
    >>> data.task, data.labels, data.train.y.shape, data.train.y.dtype
    ('multi_label', ('even', 'odd'), (7, 2), dtype('float32'))
    """
    given = {
        part: Split(split.x, _indicators(f"{name} ({part})", split.y, labels))
        for part, split in given_splits(name, train, test, validation).items()
    }
    for part, split in given.items():
        check_samples(f"{name} ({part})", split, train.x.shape[1:])
    check_columns(name, columns, train.x.shape[1:])
    rows = {part: np.arange(len(split.y)) for part, split in given.items()}
    shares = {"test": test_share, "validation": validation_share}
    splits = divide(name, given, rows, shares, draw, may_miss=bool(columns))
    _check_trained(name, splits["train"].y, labels)
    return Dataset.of(
        name,
        splits,
        labels=labels,
        task="multi_label",
        columns=columns,
        findings=tuple(_described(splits["train"].y, labels)),
    )


def check_label_sets(data: Dataset) -> None:
    """Checks a dataset of several labels that is divided already.

    Raises:
        DatasetError: If samples and labels do not belong together.
    """
    for part, split in data.splits.items():
        check_samples(f"{data.name} ({part})", split, data.input_shape)
        _indicators(f"{data.name} ({part})", split.y, data.labels)
    _check_trained(data.name, data.train.y, data.labels)


def separator_of(cells: Sequence[str]) -> str | None:
    """Returns what separates the labels in cells: `;`, `|`, `,` or, as None, spaces.

    >>> separator_of(["cat;dog", "cat"]), separator_of(["cat dog", "cat"])
    (';', None)
    """
    return next((s for s in _SEPARATORS if s and any(s in c for c in cells)), None)


def are_label_sets(cells: Sequence[str]) -> bool:
    """Returns whether cells hold several labels, by a separator in some of them.

    Where that is a comma or a space, which names of one label may hold, there have to
    be fewer labels than different cells.

    >>> are_label_sets(["cat;dog", "cat"]), are_label_sets(["cat dog", "cat", "dog"])
    (True, True)
    >>> are_label_sets(["New York", "Los Angeles", "Paris"])
    False
    """
    separator, filled = separator_of(cells), {c for c in cells if not is_missing(c)}
    if separator in (";", "|"):
        return True
    pieces = {label for cell in filled for label in split_labels(cell, separator)}
    return any(len(split_labels(c, separator)) > 1 for c in filled) and (
        len(pieces) < len(filled)
    )


def split_labels(cell: str, separator: str | None) -> list[str]:
    """Returns the labels in a cell, each once; none in one that is empty or missing.

    >>> split_labels("cat; dog;cat", ";"), split_labels("", ";")
    (['cat', 'dog'], [])
    """
    if is_missing(cell):
        return []
    pieces = [piece.strip() for piece in cell.split(separator)]
    return list(dict.fromkeys(filter(None, pieces)))


def indicators(
    cells: Sequence[str], labels: tuple[str, ...], separator: str | None
) -> np.ndarray:
    """Returns 1 where a cell holds a label, shape (cells, labels)."""
    places = {label: place for place, label in enumerate(labels)}
    y = np.zeros((len(cells), len(labels)), "float32")
    for row, cell in enumerate(cells):
        y[row, [places[label] for label in split_labels(cell, separator)]] = 1
    return y


def _indicators(name: str, y: np.ndarray, labels: tuple[str, ...]) -> np.ndarray:
    if y.ndim != 2 or y.shape[1] != len(labels) or y.dtype.kind not in "biuf":
        raise DatasetError(
            f"{name}: the labels of samples must be numbers of shape (samples, "
            f"{len(labels)}), 1 where a sample has a label. Received: {y.dtype} of "
            f"shape {y.shape}"
        )
    if not np.isin(y, (0, 1)).all():
        wrong = y[~np.isin(y, (0, 1))][0]
        raise DatasetError(
            f"{name}: a sample has a label, 1, or not, 0. Received: {wrong:g}"
        )
    return y.astype("float32")


def _check_trained(name: str, y: np.ndarray, labels: tuple[str, ...]) -> None:
    if not labels:
        raise DatasetError(f"{name} has no labels.")
    counts = y.sum(axis=0)
    for count, what in ((0, "no training sample"), (len(y), "every training sample")):
        found = [labels[i] for i in np.flatnonzero(counts == count)]
        if found:
            raise DatasetError(
                f"{name}: {what} has the label{'s' * (len(found) > 1)} "
                f"{listed(found)}, so there is nothing to learn; add samples, or leave "
                "it out."
            )


def _described(y: np.ndarray, labels: tuple[str, ...]) -> Iterator[Finding]:
    each = y.sum(axis=1)
    what = f"{len(labels)} labels, {each.mean():.2g} of them in a sample on average"
    none = int((each == 0).sum())
    if none:
        what += f"; {none:,} of {len(y):,} training samples have none"
    yield Finding("label_sets", what)
    counts = y.sum(axis=0)
    rare = [labels[i] for i in np.flatnonzero(counts < _FEW)]
    if rare:
        what = f"{listed(rare)} stand in fewer than {_FEW} training samples"
        yield Finding("rare_labels", what, "add samples of these", "warning")
