"""Samples of validation and test that stand in training, too."""

import dataclasses
from collections.abc import Hashable, Iterator

import numpy as np

from zoo.datasets.dataset import Dataset, Split
from zoo.datasets.finding import Finding
from zoo.datasets.storage import fits
from zoo.errors import DatasetError

DROP = "remove the repeated ones, or --drop-copies leaves them out of the training"
_TASKS = ("classification", "regression", "tagging", "multilabel")


def count_copies(data: Dataset) -> dict[str, int]:
    """Counts the samples of validation and test that stand in training, too.

    Samples that are in a memory-mapped file are not read for it: no counts.
    """
    if not _is_in_memory(data):
        return {}
    known = set(_keys(data.train.x))
    return {
        part: sum(key in known for key in _keys(data.splits[part].x))
        for part in ("validation", "test")
    }


def count_mixed(data: Dataset) -> int:
    """Counts the samples that stand in the splits with several labels.

    None of those that are in a memory-mapped file.
    """
    if not _is_in_memory(data):
        return 0
    labels: dict[Hashable, int] = {}
    mixed: set[Hashable] = set()
    for split in data.splits.values():
        for key, label in zip(_keys(split.x), split.y.tolist(), strict=True):
            if labels.setdefault(key, label) != label:
                mixed.add(key)
    return len(mixed)


def drop_copies(data: Dataset) -> Dataset:
    """Leaves out the training samples that stand in validation or test, too.

    Args:
        data: Samples with labels.

    Raises:
        DatasetError: If its samples do not fit into memory or have no labels of their
            own, or all those of a class would go.
    """
    if data.task not in _TASKS:
        raise DatasetError(
            f"`drop_copies` has no meaning for {data.name}, which is for "
            f"{data.task.replace('_', ' ')}; leave it out."
        )
    if not _is_in_memory(data):
        raise DatasetError(
            f"{data.name} does not fit into memory, so its copies are not found; leave "
            "`drop_copies` out."
        )
    held_out = {*_keys(data.validation.x), *_keys(data.test.x)}
    kept = np.array([key not in held_out for key in _keys(data.train.x)])
    findings = tuple(each for each in data.findings if each.kind != "copies")
    if not kept.all():
        findings += (
            Finding(
                "dropped_copies",
                f"{(~kept).sum()} of {len(kept)} training samples stand in validation "
                "or test, too: left out",
            ),
        )
    train = Split(data.train.x[kept], data.train.y[kept])
    if data.task == "classification":
        gone = np.setdiff1d(np.arange(data.num_classes), train.y)
        if len(gone):
            raise DatasetError(
                f"{data.name}: every training sample of {data.labels[gone[0]]!r} "
                "stands in validation or test, too; leave `drop_copies` out."
            )
    return dataclasses.replace(data, train=train, findings=findings, groups={})


def normal(text: str) -> str:
    """Returns a text by which it is compared with others.

    >>> normal("A  good\\nfilm")
    'a good film'
    """
    return " ".join(text.casefold().split())


def _is_in_memory(data: Dataset) -> bool:
    is_mapped = any(isinstance(s.x, np.memmap) for s in data.splits.values())
    return not is_mapped and fits(data.train.x.nbytes)


def _keys(x: np.ndarray) -> Iterator[Hashable]:
    if x.dtype != object:
        return (hash(sample.tobytes()) for sample in x)
    return (normal(each) if isinstance(each, str) else tuple(each) for each in x)
