"""Non-maximum suppression."""

from typing import Any

import keras
from keras import ops

from custom_layers._boxes import overlaps
from custom_layers._types import Shape, Tensor

__all__ = ["NonMaxSuppression"]


@keras.saving.register_keras_serializable("custom_layers")
class NonMaxSuppression(keras.layers.Layer):
    r"""The boxes with the largest scores that overlap no better one of their class.

    .. math::

        d_n &= \arg\max_{(i, k)} s^{(n)}_{ik} \\
        s^{(n + 1)}_{ik} &= \begin{cases}
            0 & k = k_n, \; \mathrm{IoU}(b_i, b_{i_n}) > \theta
                \;\text{or}\; (i, k) = d_n \\
            s^{(n)}_{ik} & \text{otherwise}
        \end{cases}

    for :math:`n = 1, \dots, N`, where :math:`d_n = (i_n, k_n)` is box and class of a
    detection, and :math:`s^{(1)}` has the scores above the least one. It is computed
    step by step without an operator of a runtime's own, so that each format has it.

    Args:
        max_detections: Detections of an image at most, `N`.
        iou_threshold: Largest overlap :math:`\theta` with a better box.
        score_threshold: Scores up to it are no detections.

    Shapes:
        Boxes `(batch, boxes, 4)` and scores `(batch, boxes, classes)` to
        `(batch, max_detections, 6)`: left, top, right, bottom, score and class, by
        falling score, and zeros behind the last detection.

    Example:

    >>> boxes = ops.array([[[0.0, 0, 4, 4], [0, 0, 4, 5], [8, 8, 9, 9]]])
    >>> scores = ops.array([[[0.9], [0.8], [0.5]]])
    >>> found = NonMaxSuppression(max_detections=2)(boxes, scores)
    >>> [[round(float(n), 2) for n in row] for row in found[0]]
    [[0.0, 0.0, 4.0, 4.0, 0.9, 0.0], [8.0, 8.0, 9.0, 9.0, 0.5, 0.0]]

    Reference:
        Felzenszwalb, Girshick, McAllester and Ramanan, 2010, Object detection with
        discriminatively trained part-based models.
    """

    def __init__(
        self,
        max_detections: int = 10,
        iou_threshold: float = 0.5,
        score_threshold: float = 0.05,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if max_detections < 1:
            raise ValueError(
                "`max_detections` must be 1 or more. "
                f"Received: max_detections={max_detections}"
            )
        for name, value in (
            ("iou_threshold", iou_threshold),
            ("score_threshold", score_threshold),
        ):
            if not 0 <= value <= 1:
                raise ValueError(
                    f"`{name}` must be between 0 and 1. Received: {name}={value}"
                )
        self.max_detections = max_detections
        self.iou_threshold = iou_threshold
        self.score_threshold = score_threshold

    def call(self, boxes: Tensor, scores: Tensor) -> Tensor:
        """Finds the detections one after the other."""
        classes = scores.shape[-1]
        left = ops.where(scores > self.score_threshold, scores, 0)
        found = []
        for _ in range(self.max_detections):
            flat = ops.reshape(left, (-1, boxes.shape[1] * classes))
            place = ops.argmax(flat, axis=-1, keepdims=True)
            score = ops.take_along_axis(flat, place, axis=-1)
            box = ops.take_along_axis(boxes, place[:, :, None] // classes, axis=1)
            label = ops.cast(place % classes, scores.dtype)
            row = ops.concatenate([box[:, 0], score, label], axis=-1)
            found.append(ops.where(score > 0, row, 0))
            is_near = (overlaps(boxes, box) > self.iou_threshold)[:, :, None]
            is_same = ops.arange(classes) == (place % classes)[:, :, None]
            is_out = ops.logical_and(is_near, is_same)
            # A box without any area overlaps nothing, not even itself.
            is_found = ops.reshape(ops.arange(flat.shape[1]) == place, ops.shape(left))
            left = ops.where(ops.logical_or(is_out, is_found), 0, left)
        return ops.stack(found, axis=1)

    def compute_output_shape(self, boxes_shape: Shape, scores_shape: Shape) -> Shape:
        """Returns the shape of the detections."""
        return (boxes_shape[0], self.max_detections, 6)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "max_detections": self.max_detections,
            "iou_threshold": self.iou_threshold,
            "score_threshold": self.score_threshold,
        }
