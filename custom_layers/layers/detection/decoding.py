"""Boxes from their offsets."""

from keras import ops

from custom_layers._boxes import corners
from custom_layers._types import Tensor

__all__ = ["decode_boxes"]


def decode_boxes(offsets: Tensor, anchors: Tensor) -> Tensor:
    r"""Boxes from their offsets to anchor boxes.

    .. math::

        x &= x_a + w_a t_x, \quad w = w_a e^{t_w} \\
        y &= y_a + h_a t_y, \quad h = h_a e^{t_h}

    of the centre, width and height of an anchor (index `a`) and of the box that is
    predicted by it. Both are given by their sides.

    Args:
        offsets: Offsets :math:`(t_x, t_y, t_w, t_h)`.
        anchors: Anchor boxes `(left, top, right, bottom)`.

    Shapes:
        Two of `(..., 4)` to `(..., 4)`.

    Example:

    >>> box = decode_boxes([0.5, 0.0, 0.0, 0.0], [2.0, 2.0, 6.0, 6.0])
    >>> ops.convert_to_numpy(box).tolist()
    [4.0, 2.0, 8.0, 6.0]

    Reference:
        Girshick, Donahue, Darrell and Malik, 2014, Rich feature hierarchies for
        accurate object detection and semantic segmentation.
    """
    anchors = ops.convert_to_tensor(anchors)
    low, high = corners(anchors)
    scale = high - low
    shift, growth = corners(ops.convert_to_tensor(offsets))
    centre = (low + high) / 2 + scale * shift
    half = scale * ops.exp(growth) / 2
    return ops.concatenate([centre - half, centre + half], axis=-1)
