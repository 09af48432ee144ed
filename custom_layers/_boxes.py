"""Arithmetic of boxes `(left, top, right, bottom)`."""

from keras import ops

from custom_layers._types import Tensor


def corners(boxes: Tensor) -> tuple[Tensor, Tensor]:
    """Returns the upper left and the lower right corners, `(..., 2)` each."""
    return boxes[..., :2], boxes[..., 2:]


def areas(boxes: Tensor) -> Tensor:
    """Returns the areas `(...)`; 0 of a box whose right side is left of its left one.

    Args:
        boxes: `(..., 4)`.
    """
    left, top, right, bottom = ops.unstack(boxes, 4, axis=-1)
    return ops.maximum(right - left, 0) * ops.maximum(bottom - top, 0)


def overlaps(boxes: Tensor, others: Tensor) -> Tensor:
    """Returns the intersection over union of boxes; 0 of two that are empty.

    Args:
        boxes: `(..., 4)`.
        others: `(..., 4)`, which is broadcast with them.
    """
    left, top, right, bottom = ops.unstack(boxes, 4, axis=-1)
    least_x, least_y, most_x, most_y = ops.unstack(others, 4, axis=-1)
    width = ops.minimum(right, most_x) - ops.maximum(left, least_x)
    height = ops.minimum(bottom, most_y) - ops.maximum(top, least_y)
    shared = ops.maximum(width, 0) * ops.maximum(height, 0)
    union = areas(boxes) + areas(others) - shared
    return shared / ops.where(union > 0, union, ops.ones_like(union))


def encoded(boxes: Tensor, anchors: Tensor) -> Tensor:
    """Returns the offsets of boxes from anchors, as `decode_boxes` takes them.

    Args:
        boxes: `(..., 4)`, of positive width and height.
        anchors: The same.
    """
    (low, high), (least, most) = corners(boxes), corners(anchors)
    size, scale = high - low, most - least
    centre = ((low + high) - (least + most)) / 2
    return ops.concatenate([centre / scale, ops.log(size / scale)], axis=-1)
