"""Folds of a cross-validation: each sample is in the test split of one of them."""

import dataclasses

import numpy as np

from zoo.datasets.dataset import SPLIT_SEED, Dataset, Split
from zoo.errors import DatasetError

# Tasks whose samples follow each other, so that none can be drawn from their middle.
_IN_ORDER = {
    "forecasting": "values follow each other in time",
    "language_modelling": "characters follow each other",
    "embedding": "words follow each other",
    "policy_gradient": "an agent plays other episodes in each split as it is",
}


def draw_fold(data: Dataset, fold: str) -> Dataset:
    """Returns a dataset whose test split is one of several equal parts of all samples.

    All three splits are put together and divided anew, class by class where samples
    have classes, the same way on every machine. Of what is not tested, the former
    fraction is for validation.

    Args:
        data: Raw, as it was read.
        fold: Number of the part, from 1, and how many there are: `2/5`.

    Raises:
        DatasetError: If there is no such fold, there are too few samples, or they
            follow each other in order.

    Example:

    >>> from zoo.datasets import load_dataset
    >>> iris = draw_fold(load_dataset("iris"), "1/5")
    >>> {name: len(split.y) for name, split in iris.splits.items()}
    {'train': 96, 'validation': 24, 'test': 30}
    """
    from sklearn.model_selection import KFold, StratifiedKFold, train_test_split

    number, folds = _numbers(data, fold)
    x, y = (
        np.concatenate([split[k] for split in data.splits.values()]) for k in range(2)
    )
    classes = y if data.task == "classification" else None
    _check(data, classes, len(y), folds)
    kind = KFold if classes is None else StratifiedKFold
    parts = kind(folds, shuffle=True, random_state=SPLIT_SEED).split(y, classes)
    rest, test = list(parts)[number - 1]
    known = len(data.train.y) + len(data.validation.y)
    train, validation = train_test_split(
        rest,
        test_size=len(data.validation.y) / known,
        random_state=SPLIT_SEED,
        stratify=None if classes is None else classes[rest],
    )
    rows = {"train": train, "validation": validation, "test": test}
    splits = {name: Split(x[chosen], y[chosen]) for name, chosen in rows.items()}
    return dataclasses.replace(data, **splits)


def _numbers(data: Dataset, fold: str) -> tuple[int, int]:
    if data.task in _IN_ORDER:
        raise DatasetError(
            f"{data.name} has no folds: its {_IN_ORDER[data.task]}, and a model that "
            "is trained on what comes after its test split is tested on nothing new; "
            "train several --seed instead."
        )
    if any(isinstance(split.x, np.memmap) for split in data.splits.values()):
        raise DatasetError(
            f"{data.name} has no folds: its samples do not fit in memory, where they "
            "would be divided anew; use its own test split."
        )
    if any(finding.kind == "held_out_groups" for finding in data.findings):
        raise DatasetError(
            f"{data.name} has no folds by --group: they would put files of one group "
            "into two splits; hold the groups out one after the other, by --test-group."
        )
    number, folds = map(int, fold.split("/"))
    if folds < 2 or number > folds:
        raise DatasetError(
            f"There is no fold {fold}: of 2 folds or more, give one from 1/{folds} to "
            f"{folds}/{folds}."
        )
    return number, folds


def _check(data: Dataset, classes: np.ndarray | None, samples: int, folds: int) -> None:
    if classes is None:
        few, what = samples, "samples"
    else:
        counts = np.bincount(classes, minlength=data.num_classes)
        few = int(counts.min())
        what = f"samples of {data.labels[int(counts.argmin())]!r}"
    # One more, so that there is one to train on and one to validate on.
    if few < max(folds, 3):
        raise DatasetError(
            f"{data.name} has {few} {what}, too few for {folds} folds; give fewer "
            "folds, or more samples."
        )
