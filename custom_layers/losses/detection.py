"""Loss of single-shot detectors: classes and boxes of anchors."""

import keras
from keras import ops

from custom_layers._boxes import encoded, overlaps
from custom_layers._types import Tensor
from custom_layers.losses.focal import focal_terms

__all__ = ["SingleShotLoss", "single_shot_loss"]


@keras.saving.register_keras_serializable("custom_layers")
def single_shot_loss(
    y_true: Tensor,
    y_pred: Tensor,
    positive_iou: float = 0.5,
    negative_iou: float = 0.4,
    alpha: float = 0.25,
    gamma: float = 2.0,
    delta: float = 0.1,
) -> Tensor:
    r"""Focal loss of the classes of anchors, and Huber loss of their boxes.

    .. math::

        L_a = \frac{A}{\max(1, N)} \Big(\sum_k F(z_{ak}, [k = c_a])
            + \frac{1}{\delta} \sum_{i = 1}^{4} h_\delta(t_{ai} - t^*_{ai}) \Big)

    with the focal loss `F` of logits :math:`z_a`, the Huber function of offsets
    :math:`t_a` and of those of the true box :math:`t^*_a` (see `decode_boxes`), `A`
    anchors, of which `N` are positive. An anchor is positive where it overlaps an
    object by `positive_iou` or more, or no anchor overlaps that object more: then
    :math:`c_a` is its class. Elsewhere no class is right, and there is no box to
    predict; an anchor that overlaps an object by `negative_iou` or more does not count.

    Args:
        y_true: Boxes of the objects and their classes, :math:`(left, top, right,
            bottom, class)`; a negative class is padding.
        y_pred: Anchors, offsets and logits.
        positive_iou: Least overlap of an anchor that predicts an object.
        negative_iou: Least overlap of one that has nothing to predict otherwise.
        alpha: Weight of right classes in the focal loss, of others `1 - alpha`.
        gamma: Exponent of the focal loss.
        delta: Error of an offset from which the loss grows linearly.

    Shapes:
        `(batch, objects, 5)` and `(batch, anchors, 8 + classes)` to
        `(batch, anchors)`.

    Example:

    >>> anchor, offsets, logits = [0.0, 0, 8, 8], [0.0, 0, 0, 0], [20.0, -20]
    >>> loss = single_shot_loss([[[0.0, 0, 8, 8, 0]]], [[anchor + offsets + logits]])
    >>> round(float(loss[0, 0]), 4)
    0.0

    Reference:
        Liu et al., 2016, SSD: single shot multibox detector; Lin, Goyal, Girshick, He
        and Dollar, 2017, Focal loss for dense object detection.
    """
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = ops.cast(y_true, y_pred.dtype)
    anchors, offsets, logits = ops.split(y_pred, [4, 8], axis=-1)
    boxes, classes = y_true[..., :4], y_true[..., 4]
    overlap = overlaps(anchors[:, :, None], boxes[:, None])
    overlap = ops.where(classes[:, None] >= 0, overlap, 0)
    best_of_object = ops.max(overlap, axis=1, keepdims=True)
    is_best = ops.logical_and(overlap >= best_of_object, overlap > 0)
    largest = ops.max(overlap, axis=2)
    is_positive = ops.logical_or(largest >= positive_iou, ops.any(is_best, axis=2))
    # An object whose best anchor this is comes before one that it overlaps more.
    chosen = ops.argmax(overlap + ops.cast(is_best, overlap.dtype), axis=2)
    classes = ops.take_along_axis(classes, chosen, axis=1)
    boxes = ops.take_along_axis(boxes, chosen[:, :, None], axis=1)

    positive = ops.cast(is_positive, y_pred.dtype)[..., None]
    ids = ops.arange(logits.shape[-1], dtype=y_pred.dtype)
    right = positive * ops.cast(classes[..., None] == ids, y_pred.dtype)
    counts = ops.logical_or(is_positive, largest < negative_iou)
    focal = ops.sum(focal_terms(right, logits, alpha, gamma), axis=-1)
    # Without an object both are the same box, of some size, so that it has offsets.
    unit = ops.convert_to_tensor([0, 0, 1, 1], dtype=y_pred.dtype)
    boxes, anchors = (ops.where(positive > 0, x, unit) for x in (boxes, anchors))
    errors = ops.abs(offsets - encoded(boxes, anchors))
    huber = ops.where(errors <= delta, errors**2 / (2 * delta), errors - delta / 2)
    sums = ops.where(counts, focal, 0) + ops.sum(positive * huber, axis=-1)
    found = ops.maximum(ops.sum(positive, axis=(1, 2)), 1)
    return sums * (y_pred.shape[1] / found[:, None])


@keras.saving.register_keras_serializable("custom_layers")
class SingleShotLoss(keras.losses.Loss):
    r"""Focal loss of the classes of anchors, and Huber loss of their boxes.

    .. math::

        L_a = \frac{A}{\max(1, N)} \Big(\sum_k F(z_{ak}, [k = c_a])
            + \frac{1}{\delta} \sum_{i = 1}^{4} h_\delta(t_{ai} - t^*_{ai}) \Big)

    reduced over the samples; see `single_shot_loss`.

    Args:
        positive_iou: Least overlap of an anchor that predicts an object.
        negative_iou: Least overlap of one that has nothing to predict otherwise.
        alpha: Weight of right classes in the focal loss, of others `1 - alpha`.
        gamma: Exponent of the focal loss.
        delta: Error of an offset from which the loss grows linearly.
        reduction: `"sum_over_batch_size"` or `"mean"`, `"sum"`,
            `"mean_with_sample_weight"`, `"none"` or `None`.
        name: Name of the loss.
        dtype: Dtype of the computation; `None` for Keras' float type.

    Shapes:
        `(batch, objects, 5)` and `(batch, anchors, 8 + classes)` to a scalar; without a
        reduction to `(batch, anchors)`.

    Example:

    >>> anchor, offsets, logits = [0.0, 0, 8, 8], [0.0, 0, 0, 0], [20.0, -20]
    >>> loss = SingleShotLoss()([[[0.0, 0, 8, 8, 0]]], [[anchor + offsets + logits]])
    >>> round(float(loss), 4)
    0.0

    Reference:
        Liu et al., 2016, SSD: single shot multibox detector; Lin, Goyal, Girshick, He
        and Dollar, 2017, Focal loss for dense object detection.
    """

    def __init__(
        self,
        positive_iou: float = 0.5,
        negative_iou: float = 0.4,
        alpha: float = 0.25,
        gamma: float = 2.0,
        delta: float = 0.1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "single_shot_loss",
        dtype: str | keras.DTypePolicy | None = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.positive_iou = positive_iou
        self.negative_iou = negative_iou
        self.alpha = alpha
        self.gamma = gamma
        self.delta = delta

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Computes the loss of each anchor."""
        return single_shot_loss(y_true, y_pred, **self._options())

    def _options(self) -> dict:
        return {
            "positive_iou": self.positive_iou,
            "negative_iou": self.negative_iou,
            "alpha": self.alpha,
            "gamma": self.gamma,
            "delta": self.delta,
        }

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | self._options()
