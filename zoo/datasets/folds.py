"""Folds of a cross-validation: each sample is in the test split of one of them."""

import dataclasses

import numpy as np

from zoo.datasets.dataset import SPLIT_SEED, Dataset, Split, check_trained_classes
from zoo.datasets.file_groups import HELD_OUT, few_of
from zoo.datasets.finding import Finding, listed
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
    fraction is for validation. Where samples have groups, whole groups are divided, as
    evenly as these allow.

    Args:
        data: Raw, as it was read.
        fold: Number of the part, from 1, and how many there are: `2/5`.

    Raises:
        DatasetError: If there is no such fold, there are too few samples or groups, or
            they follow each other in order.

    Example:

    >>> from zoo.datasets import load_dataset
    >>> iris = draw_fold(load_dataset("iris"), "1/5")
    >>> {name: len(split.y) for name, split in iris.splits.items()}
    {'train': 96, 'validation': 24, 'test': 30}
    """
    from sklearn.model_selection import KFold, StratifiedKFold, train_test_split

    if data.groups:
        return _draw_groups(data, fold)
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


def _draw_groups(data: Dataset, fold: str) -> Dataset:
    """Is `draw_fold` of samples in groups, none of which stands in two splits."""
    from sklearn.model_selection import GroupKFold, StratifiedGroupKFold

    number, folds = _numbers(data, fold)
    parts = data.splits.items()
    x, y = (np.concatenate([split[k] for _, split in parts]) for k in range(2))
    groups = np.concatenate([data.groups[part] for part, _ in parts]).astype("U")
    names = sorted(set(groups.tolist()))
    if len(names) < max(folds, 3):
        raise DatasetError(
            f"{data.name} has {len(names)} groups ({listed(names)}), too few for "
            f"{folds} folds, of which each needs some to train on, to validate and to "
            "test; give fewer folds, or more groups."
        )
    has_classes = data.task == "classification"

    def divided(rows: np.ndarray, count: int) -> list[tuple[np.ndarray, np.ndarray]]:
        # Classes cannot be kept even where one stands in fewer groups than there are
        # parts; which scikit-learn would warn of.
        enough = has_classes and np.bincount(y[rows])[y[rows]].min() >= count
        kind = (
            StratifiedGroupKFold(count, shuffle=True, random_state=SPLIT_SEED)
            if enough
            else GroupKFold(count)
        )
        found = kind.split(rows, y[rows] if has_classes else None, groups[rows])
        return [(rows[kept], rows[held]) for kept, held in found]

    rest, test = divided(np.arange(len(y)), folds)[number - 1]
    known = len(data.train.y) + len(data.validation.y)
    count = round(known / len(data.validation.y))
    count = max(2, min(count, len(set(groups[rest].tolist()))))
    train, validation = divided(rest, count)[0]
    if has_classes:
        check_trained_classes(
            f"{data.name}, fold {fold}", Split(x, y[train]), data.labels
        )
    rows = {"train": train, "validation": validation, "test": test}
    what = few_of(sorted(set(groups[test].tolist())))
    held = Finding(HELD_OUT, f"fold {fold}: groups held out for test: {what}")
    findings = tuple(each for each in data.findings if each.kind != HELD_OUT)
    return dataclasses.replace(
        data,
        **{name: Split(x[chosen], y[chosen]) for name, chosen in rows.items()},
        groups={name: groups[chosen] for name, chosen in rows.items()},
        findings=(*findings, held),
    )


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
    if not data.groups and any(each.kind == HELD_OUT for each in data.findings):
        raise DatasetError(
            f"{data.name} has no folds by --group, since rows of it were left out; "
            "remove those without a text or a label."
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
