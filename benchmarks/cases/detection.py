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

CASES = [
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
