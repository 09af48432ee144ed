"""What is wrong with the splits of a dataset: copies in two of them, rare classes."""

from collections.abc import Iterator

import numpy as np

from zoo.datasets.copies import DROP, count_copies, count_mixed
from zoo.datasets.dataset import Dataset
from zoo.datasets.finding import Finding
from zoo.datasets.named import NAMED

_IMBALANCE = 10  # times as many samples of the commonest class as of the rarest


def examine_splits(data: Dataset) -> tuple[Finding, ...]:
    """Returns what is wrong with the splits of labelled samples.

    Nothing is said of built-in sets: those that repeat samples are truth tables.
    """
    if data.name in NAMED or data.task != "classification":
        return ()
    # What is said of texts is said as they are read: they are compared in lower case.
    is_text = data.train.x.dtype == object
    copies = () if is_text else (*_copies(data), *_mixed(data))
    return (*copies, *_imbalance(data))


def _copies(data: Dataset) -> Iterator[Finding]:
    counts = {part: n for part, n in count_copies(data).items() if n}
    if counts:
        found = " and ".join(
            f"{n} of {len(data.splits[part].y)} samples of {part}"
            for part, n in counts.items()
        )
        yield Finding(
            "copies",
            f"{found} stand in training, too, and flatter the figures",
            DROP,
            "warning",
        )


def _mixed(data: Dataset) -> Iterator[Finding]:
    """Says that pictures or sounds have several labels; rows of a table may well."""
    if data.columns or (len(data.input_shape) < 2 and data.sampling_rate is None):
        return
    mixed = count_mixed(data)
    if mixed:
        yield Finding(
            "mixed_labels",
            f"{mixed:,} of the samples stand in it several times, with other labels",
            "leave each in one class",
            "warning",
        )


def _imbalance(data: Dataset) -> Iterator[Finding]:
    counts = np.bincount(data.train.y, minlength=data.num_classes)
    common, rare = int(counts.argmax()), int(counts.argmin())
    if counts[common] >= _IMBALANCE * counts[rare]:
        yield Finding(
            "imbalance",
            f"the class {data.labels[common]!r} has {counts[common]} of "
            f"{counts.sum()} training samples, {data.labels[rare]!r} has "
            f"{counts[rare]}",
            "--class-weight balanced weighs them alike",
            "warning",
        )
