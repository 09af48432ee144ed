"""Average precision of detections."""

from collections.abc import Sequence

import numpy as np

from custom_layers.layers import intersection_over_union

_RECALLS = np.linspace(0, 1, 101)  # as COCO's evaluation


def average_precision(
    detections: np.ndarray, truth: np.ndarray, classes: int, threshold: float = 0.5
) -> list[float | None]:
    r"""Average precision of each class.

    .. math::

        \mathrm{AP} = \frac{1}{101} \sum_{r \in \{0, .01, \dots, 1\}}
            \max_{r' \ge r} \mathrm{precision}(r')

    over all detections of a class by falling score. One is right where it overlaps an
    object of its class by the threshold or more that no better one has found.

    Args:
        detections: Left, top, right, bottom, score and class id of each detection of
            each image, `(images, detections, 6)`; a score of 0 is none.
        truth: Left, top, right, bottom and class id of each object, `(images, objects,
            5)`; a negative class id is none.
        classes: Number of classes.
        threshold: Least intersection over union.

    Returns:
        A number for each class; None of one that no image has.

    Reference:
        Lin et al., 2014, Microsoft COCO: common objects in context.

    Example:

    >>> found = np.array([[[0, 0, 4, 4, 0.9, 0], [5, 5, 9, 9, 0.8, 0]]])
    >>> average_precision(found, np.array([[[0, 0, 4, 4, 0]]]), classes=2)
    [1.0, None]
    """
    overlap = np.asarray(intersection_over_union(detections[..., :4], truth[..., :4]))
    return [
        _of_class(detections, truth, overlap, label, threshold)
        for label in range(classes)
    ]


def mean(values: Sequence[float | None]) -> float:
    """Mean over the classes that have objects.

    >>> mean([0.5, None, 1.0])
    0.75
    """
    return float(np.mean([value for value in values if value is not None]))


def _of_class(
    detections: np.ndarray,
    truth: np.ndarray,
    overlap: np.ndarray,
    label: int,
    threshold: float,
) -> float | None:
    objects = int((truth[..., 4] == label).sum())
    if not objects:
        return None
    is_one = (detections[..., 4] > 0) & (detections[..., 5] == label)
    places = np.argwhere(is_one)
    scores = detections[..., 4][is_one]
    is_free = truth[..., 4] == label
    right = np.zeros(len(places))
    for rank, place in enumerate(np.argsort(-scores, kind="stable")):
        image, detection = places[place]
        candidates = np.where(is_free[image], overlap[image, detection], -1)
        best = int(candidates.argmax())
        if candidates[best] >= threshold:
            right[rank] = 1
            is_free[image, best] = False
    found = np.cumsum(right)
    precision = found / np.arange(1, len(places) + 1)
    # The best precision at this recall or a higher one.
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    ranks = np.searchsorted(found / objects, _RECALLS - 1e-12)
    return float(np.mean(np.append(precision, 0)[ranks]))
