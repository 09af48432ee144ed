"""Object detection, beside what a user would write without it."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops
from keras.src.layers.preprocessing.image_preprocessing.bounding_boxes import iou

from benchmarks.cases import FunctionCase, LayerCase, LossCase


class CombinedSuppression(keras.layers.Layer):
    """TensorFlow's own operator, which has no gradient and runs on CPUs alone."""

    def call(self, boxes, scores):
        found = tf.image.combined_non_max_suppression(
            boxes[:, :, None],
            scores,
            max_output_size_per_class=10,
            max_total_size=10,
            score_threshold=0.05,
            clip_boxes=False,
        )
        return tf.concat([found[0], found[1][..., None], found[2][..., None]], axis=-1)


class GridOfAnchors(keras.layers.Layer):
    """The formula by a mesh grid of centres."""

    def __init__(self, stride, sizes, aspect_ratios):
        super().__init__()
        self.stride, self.sizes, self.ratios = stride, sizes, aspect_ratios

    def call(self, x):
        batch, height, width, _ = x.shape
        rows, columns = (
            (ops.arange(n, dtype="float32") + 0.5) * self.stride
            for n in (height, width)
        )
        x, y = ops.meshgrid(columns, rows)
        boxes = []
        for size in self.sizes:
            for ratio in self.ratios:
                w, h = size * ratio**0.5 / 2, size / ratio**0.5 / 2
                boxes.append(ops.stack([x - w, y - h, x + w, y + h], axis=-1))
        boxes = ops.reshape(ops.stack(boxes, axis=2), (1, -1, 4))
        return ops.tile(boxes, (batch, 1, 1))


class MatchedAnchors(keras.losses.Loss):
    """The same loss by Keras' overlaps, focal and Huber losses."""

    def call(self, y_true, y_pred):
        anchors, offsets, logits = ops.split(y_pred, [4, 8], axis=-1)
        boxes, classes = y_true[..., :4], y_true[..., 4]
        overlap = iou.compute_iou(anchors, boxes, "xyxy")
        overlap = ops.where(classes[:, None] >= 0, overlap, 0.0)
        is_best = (overlap >= ops.max(overlap, 1, keepdims=True)) & (overlap > 0)
        largest = ops.max(overlap, axis=2)
        is_positive = (largest >= 0.5) | ops.any(is_best, axis=2)
        chosen = ops.argmax(overlap + ops.cast(is_best, "float32"), axis=2)
        boxes = ops.take_along_axis(boxes, chosen[..., None], axis=1)
        classes = ops.take_along_axis(classes, chosen, axis=1)

        positive = ops.cast(is_positive, "float32")[..., None]
        right = ops.one_hot(ops.cast(classes, "int32"), logits.shape[-1]) * positive
        focal = ops.sum(
            keras.losses.binary_focal_crossentropy(
                right[..., None],
                logits[..., None],
                apply_class_balancing=True,
                from_logits=True,
            ),
            axis=-1,
        )
        size = anchors[..., 2:] - anchors[..., :2]
        shift = boxes[..., :2] + boxes[..., 2:] - anchors[..., :2] - anchors[..., 2:]
        growth = ops.log((boxes[..., 2:] - boxes[..., :2]) / size)
        wanted = ops.concatenate([shift / size / 2, growth], axis=-1)
        wanted = ops.where(is_positive[..., None], wanted, offsets)
        distance = 4 * keras.losses.huber(wanted, offsets, delta=0.1) / 0.1
        counts = ops.cast(is_positive | (largest < 0.4), "float32")
        found = ops.maximum(ops.sum(positive, axis=1), 1.0)
        return anchors.shape[1] / found * (focal * counts + distance)


def _by_sides(offsets, anchors):
    """Four numbers of each box, one by one."""
    left, top, right, bottom = ops.unstack(anchors, axis=-1)
    dx, dy, dw, dh = ops.unstack(offsets, axis=-1)
    width, height = right - left, bottom - top
    x, y = (left + right) / 2 + width * dx, (top + bottom) / 2 + height * dy
    width, height = width * ops.exp(dw) / 2, height * ops.exp(dh) / 2
    return ops.stack([x - width, y - height, x + width, y + height], axis=-1)


def _boxes(rng, shape):
    low = rng.uniform(0, 48, size=(*shape[:-1], 2))
    return np.concatenate([low, low + rng.uniform(4, 32, size=low.shape)], axis=-1)


def _boxes_and_scores(rng, shapes):
    return [_boxes(rng, shapes[0]), rng.uniform(size=shapes[1])]


def _pairs(first, second):
    return iou.compute_iou(first, second, "xyxy")


_RNG = np.random.default_rng(1)
_OBJECTS = np.concatenate(
    [_boxes(_RNG, (32, 8, 4)), _RNG.integers(-1, 3, size=(32, 8, 1))], axis=-1
)
_ANCHORS = np.concatenate(
    [_boxes(_RNG, (32, 160, 4)), _RNG.normal(size=(32, 160, 7))], axis=-1
)

CASES = [
    LayerCase(
        "AnchorBoxes",
        {"stride": 8, "sizes": (16, 32), "aspect_ratios": (0.5, 1.0, 2.0)},
        (32, 16, 16, 64),
        peer=GridOfAnchors,
        differentiable=False,
    ),
    LossCase("SingleShotLoss", _OBJECTS, _ANCHORS, peer=MatchedAnchors),
    LayerCase(
        "NonMaxSuppression",
        {},
        [(16, 160, 4), (16, 160, 3)],
        draw=_boxes_and_scores,
        peer=CombinedSuppression,
        differentiable=False,
    ),
    FunctionCase(
        "decode_boxes",
        (_RNG.normal(size=(32, 2000, 4)) / 4, _boxes(_RNG, (32, 2000, 4))),
        kind="layers",
        peer=_by_sides,
    ),
    FunctionCase(
        "intersection_over_union",
        (_boxes(_RNG, (32, 160, 4)), _boxes(_RNG, (32, 8, 4))),
        kind="layers",
        peer=_pairs,
    ),
    LossCase(
        "BinaryFocalCrossentropy",
        _RNG.integers(0, 2, size=(256, 100)),
        _RNG.normal(size=(256, 100)),
        {"from_logits": True},
    ),
]
