"""Occlusion (Zeiler and Fergus, 2014), and erasure of tokens (Li et al., 2016)."""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from zoo.inference.explanations.case import Case
from zoo.inference.explanations.explanation import Explanation

TITLE = "Occlusion"
READING = (
    "How much the output falls when a part of the sample is covered, left out or "
    "replaced by its mean: red parts speak for the output and blue ones against it; "
    "the model is only asked, so that this can be had of anything that answers."
)
ORDER = 60
NEEDS_MODEL = False
SUBJECTS = "texts of one token or more"
FRACTION = 7  # a patch is so much smaller than the sample, in each direction


def explain(case: Case) -> Explanation | None:
    r"""Computes the fall of the output without each unit.

    .. math::

        c_u = f(x) - f(x \text{ without } u)

    A pixel gets the mean over the patches that cover it. Tokens are left out, or where
    each has a tag replaced by an unknown one; a column becomes its mean in training, or
    missing; steps become the mean of the series.
    """
    if isinstance(case.sample, list) or case.takes.takes_text:
        return _erased(case)
    if case.kind == "rows":
        return _replaced(case)
    return covered(case)


def covered(case: Case, patch: int | None = None) -> Explanation:
    """Covers patches of a picture, or windows of steps.

    Args:
        case: Of an array.
        patch: Side of a patch; a seventh of the sample's if None.
    """
    sample = np.asarray(case.sample, "float32")
    axes = 2 if case.kind == "pictures" else 1
    shape = sample.shape[1 : 1 + axes]
    sides = [min(n, patch or max(1, round(n / FRACTION))) for n in shape]
    cover = 0.0 if case.kind == "pictures" else sample.mean(axis=1)[0]
    ways = [_starts(n, side) for n, side in zip(shape, sides, strict=True)]
    corners = list(itertools.product(*ways))
    copies = np.repeat(sample, len(corners), axis=0)
    windows = [
        tuple(
            slice(start, start + side) for start, side in zip(each, sides, strict=True)
        )
        for each in corners
    ]
    for copy, window in zip(copies, windows, strict=True):
        copy[window] = cover
    falls = case.value - case.scores(copies)
    total, counts = np.zeros(shape), np.zeros(shape)
    for fall, window in zip(falls, windows, strict=True):
        total[window] += fall
        counts[window] += 1
    figures = {"patch": float(sides[0]), "patches": float(len(corners))}
    return Explanation(total / counts, is_signed=True, figures=figures)


def _starts(size: int, side: int) -> list[int]:
    """Where patches begin: half of them overlap, and the last one ends at the edge.

    >>> _starts(7, 4), _starts(3, 1)
    ([0, 2, 3], [0, 1, 2])
    """
    return sorted({*range(0, size - side + 1, max(1, side // 2)), size - side})


def _erased(case: Case) -> Explanation | None:
    """Leaves out each token: of token ids, or of a text."""
    if not case.names:
        return None
    if case.takes.task == "tagging":
        samples = _unknown_each(case.sample, len(case.names))
    else:
        samples = _without_each(case.sample, case.names)
    falls = case.value - case.scores(samples)
    return Explanation(falls, is_signed=True)


def _unknown_each(sample: np.ndarray, count: int) -> np.ndarray:
    """Replaces each token by an unknown one, so that no other changes its place.

    >>> _unknown_each(np.array([[7, 8, 0]]), 2).tolist()
    [[1, 8, 0], [7, 1, 0]]
    """
    copies = np.repeat(sample, count, axis=0)
    copies[np.arange(count), np.arange(count)] = 1
    return copies


def _without_each(sample: Any, names: Sequence[str]) -> Any:
    places = range(len(names))
    if isinstance(sample, list):
        return [" ".join([*names[:i], *names[i + 1 :]]) for i in places]
    gap = np.zeros((1, 1), sample.dtype)
    shortened = [
        np.concatenate([sample[:, :i], sample[:, i + 1 :], gap], axis=1) for i in places
    ]
    return np.concatenate(shortened)


def _replaced(case: Case) -> Explanation:
    """Replaces each column by what stands for no knowledge of it."""
    sample = np.asarray(case.sample, "float32")
    copies = np.repeat(sample, sample.shape[1], axis=0)
    np.fill_diagonal(copies, _unknown(case, sample))
    return Explanation(case.value - case.scores(copies), is_signed=True)


def _unknown(case: Case, sample: np.ndarray) -> np.ndarray:
    """The mean of numbers; of others, missing, or as they are where none may be."""
    values = np.zeros_like(sample[0])
    measured = case.takes.statistics
    if measured is not None and len(measured.mean) == len(values):
        values = np.asarray(measured.mean, "float32")
    for place, column in enumerate(case.takes.columns):
        if column.kind == "category":
            values[place] = -1  # an unknown one
        elif not np.isfinite(values[place]):
            values[place] = np.nan if column.has_missing else sample[0, place]
    return values
