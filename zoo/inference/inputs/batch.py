"""Samples that are read together, and what each of them is called."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np


@dataclasses.dataclass(frozen=True)
class Batch:
    """Samples in the order of the inputs.

    Args:
        samples: An array of shape (samples, ...), a list of arrays of several shapes,
            of texts, of lists of tokens, or of files.
        inputs: The input that each came from: a file, or a text.
        rows: Its number in a file that holds several, counted from 1.
        texts: The texts themselves, where the samples are such.
        kept: More columns of the input that stand beside the answers.
        read: Bytes of the input that were read for it.
    """

    samples: Any
    inputs: Sequence[str]
    rows: Sequence[int | None]
    texts: Sequence[str] | None = None
    kept: Mapping[str, Sequence[Any]] = dataclasses.field(default_factory=dict)
    read: int = 0

    def __len__(self) -> int:
        """Number of samples."""
        return len(self.inputs)

    @property
    def names(self) -> list[str]:
        """What each sample is called in print: its text, or its file and row."""
        if self.texts is not None:
            return list(self.texts)
        pairs = zip(self.inputs, self.rows, strict=True)
        return [f"{name} row {row}" if row else name for name, row in pairs]


def merged(batches: Iterable[Batch], size: int) -> Iterator[Batch]:
    """Joins small batches of one kind, so that they have so many samples at most.

    >>> one = Batch(np.zeros((1, 2)), ["x.npy"], [1])
    >>> [len(batch) for batch in merged([one] * 5, 2)]
    [2, 2, 1]
    """
    held: list[Batch] = []
    count = 0
    for batch in batches:
        if held and (count + len(batch) > size or not _fit_together(held[-1], batch)):
            yield _joined(held)
            held, count = [], 0
        held.append(batch)
        count += len(batch)
    if held:
        yield _joined(held)


def _fit_together(one: Batch, other: Batch) -> bool:
    return (
        (one.texts is None) == (other.texts is None)
        and one.kept.keys() == other.kept.keys()
        and isinstance(one.samples[0], bytes) == isinstance(other.samples[0], bytes)
    )


def _joined(batches: list[Batch]) -> Batch:
    if len(batches) == 1:
        return batches[0]
    parts = [batch.samples for batch in batches]
    kinds = {p.shape[1:] if isinstance(p, np.ndarray) else None for p in parts}
    is_array = len(kinds) == 1 and None not in kinds
    return Batch(
        np.concatenate(parts) if is_array else _chained(parts),
        _chained(batch.inputs for batch in batches),
        _chained(batch.rows for batch in batches),
        None if batches[0].texts is None else _chained(b.texts or () for b in batches),
        {key: _chained(b.kept[key] for b in batches) for key in batches[0].kept},
        sum(batch.read for batch in batches),
    )


def _chained(parts: Iterable[Iterable[Any]]) -> list[Any]:
    return [each for part in parts for each in part]
