"""Overlap of boxes."""

from keras import ops

from custom_layers._boxes import overlaps
from custom_layers._types import Tensor

__all__ = ["intersection_over_union"]


def intersection_over_union(boxes: Tensor, others: Tensor) -> Tensor:
    r"""Overlap of each box with each other one.

    .. math::

        \mathrm{IoU}(a, b) = \frac{\lvert a \cap b \rvert}{\lvert a \cup b \rvert}

    with the areas of intersection and union; 0 of two boxes without any area.

    Args:
        boxes: Boxes `(left, top, right, bottom)`.
        others: The same.

    Shapes:
        `(..., n, 4)` and `(..., m, 4)` to `(..., n, m)`.

    Example:

    >>> others = [[1.0, 0, 3, 2], [4, 4, 5, 5]]
    >>> overlap = intersection_over_union([[0.0, 0, 2, 2]], others)
    >>> [round(float(x), 4) for x in overlap[0]]
    [0.3333, 0.0]

    Reference:
        Jaccard, 1912, The distribution of the flora in the alpine zone.
    """
    boxes = ops.convert_to_tensor(boxes)
    others = ops.cast(others, boxes.dtype)
    return overlaps(ops.expand_dims(boxes, -2), ops.expand_dims(others, -3))
