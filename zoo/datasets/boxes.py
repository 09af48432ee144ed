"""Datasets whose samples are images with boxes around objects."""

import numpy as np

from zoo.datasets.dataset import (
    Dataset,
    Split,
    check_samples,
    divide,
    given_splits,
)
from zoo.datasets.unlabelled import draw
from zoo.errors import DatasetError

PADDING = -1  # class of the rows behind the last object of an image
SHOWN = 0.3  # least score of a detection that people are shown


def make_detection_dataset(
    name: str,
    labels: tuple[str, ...],
    train: Split,
    test: Split | None = None,
    validation: Split | None = None,
    *,
    test_share: float = 0.2,
    validation_share: float = 0.1,
) -> Dataset:
    """Checks images and the boxes in them, and draws the missing splits from `train`.

    Args:
        name: Of the dataset.
        labels: Name of each class.
        train: All images, or those of the training split; `y` of shape
            (samples, objects, 5) holds left, top, right and bottom of each box in
            pixels and its class id, which is -1 where an image has fewer objects.
        test: The test split, where there is one.
        validation: The validation split, where there is one.
        test_share: Fraction of `train` to split off for a missing `test`.
        validation_share: Fraction of the rest to split off for a missing `validation`.

    Raises:
        DatasetError: If images and boxes do not belong together.

    Example:

    >>> x, y = np.zeros((10, 8, 8, 1)), np.full((10, 1, 5), [[2, 2, 6, 5, 0]])
    >>> data = make_detection_dataset("pictures", ("cat",), Split(x, y))
    >>> data.task, data.train.y.shape, data.train.y.dtype
    ('detection', (7, 1, 5), dtype('float32'))
    """
    given = {
        part: Split(split.x, _as_floats(split.y))
        for part, split in given_splits(name, train, test, validation).items()
    }
    for part, split in given.items():
        _check(f"{name} ({part})", split, labels, train.x.shape[1:])
    rows = {part: np.arange(len(split.y)) for part, split in given.items()}
    shares = {"test": test_share, "validation": validation_share}
    splits = divide(name, given, rows, shares, draw)
    return Dataset.of(name, splits, labels=labels, task="detection")


def check_boxes(data: Dataset) -> None:
    """Checks a dataset of boxes that is divided already.

    Raises:
        DatasetError: If images and boxes do not belong together.
    """
    for part, split in data.splits.items():
        _check(f"{data.name} ({part})", split, data.labels, data.input_shape)


def _as_floats(y: np.ndarray) -> np.ndarray:
    return y.astype("float32") if y.dtype.kind in "iuf" else y


def _check(
    name: str, split: Split, labels: tuple[str, ...], shape: tuple[int, ...]
) -> None:
    y = split.y
    if y.ndim != 3 or y.shape[2] != 5 or y.dtype.kind != "f":
        raise DatasetError(
            f"{name}: boxes must be numbers of shape (samples, objects, 5): left, top, "
            f"right, bottom, class id. Received: {y.dtype} of shape {y.shape}"
        )
    check_samples(name, split, shape)
    found = y[y[..., 4] != PADDING]
    if not len(found):
        raise DatasetError(f"{name} has no boxes; add some.")
    classes = found[:, 4]
    if not np.isin(classes, np.arange(len(labels))).all():
        wrong = classes[~np.isin(classes, np.arange(len(labels)))][0]
        raise DatasetError(
            f"{name}: class ids must be in 0..{len(labels) - 1}, or {PADDING} where "
            f"there is no object. Received: {wrong:g}"
        )
    is_box = np.isfinite(found).all(axis=1) & (found[:, 2:4] > found[:, :2]).all(axis=1)
    if not is_box.all():
        wrong = ", ".join(f"{side:g}" for side in found[~is_box][0, :4])
        raise DatasetError(
            f"{name}: a box must have left < right and top < bottom. Received: {wrong}"
        )
