"""Rows of object detection."""

import keras
import numpy as np

import custom_layers as cl

from ..oracles import detection as oracle
from ..oracles.activations import sigmoid
from ..table import FunctionRow, LayerRow, LossRow

_RNG = np.random.default_rng(19)


def _boxes(rng, shape):
    """Boxes of sides from 4 to 12 in an image of 16 x 16."""
    low = rng.uniform(0, 8, size=(*shape[:-1], 2))
    return np.concatenate([low, low + rng.uniform(4, 12, size=low.shape)], axis=-1)


def _boxes_and_scores(rng, shapes):
    """No two scores of an image are near, even in half precision."""
    count = np.prod(shapes[1][1:])
    scores = [rng.permutation(count) for _ in range(shapes[1][0])]
    scores = np.reshape(scores, shapes[1]) / count
    return [_boxes(rng, shapes[0]), scores]


def _truth(classes):
    boxes = _boxes(_RNG, (*classes.shape, 4))
    return np.concatenate([boxes, classes[..., None]], axis=-1)


def _predicted(batch, anchors, classes):
    return np.concatenate(
        [
            _boxes(_RNG, (batch, anchors, 4)),
            _RNG.normal(size=(batch, anchors, 4)) / 4,
            _RNG.normal(size=(batch, anchors, classes)) * 2,
        ],
        axis=-1,
    )


_SCORED = [(2, 9, 4), (2, 9, 3)]
_LABELS = _RNG.integers(0, 2, size=(6, 4)).astype(float)
_LOGITS = _RNG.normal(size=(6, 4)) * 3

LAYERS = [
    LayerRow(
        cl.AnchorBoxes,
        None,
        lambda x, **_: oracle.anchor_boxes(x, 8, (6, 10)),
        {"stride": 8, "sizes": (6, 10)},
        shape=(2, 3, 4, 5),
        flat=True,
    ),
    LayerRow(
        cl.AnchorBoxes,
        None,
        lambda x, **_: oracle.anchor_boxes(x, 4, (5,), (0.5, 1, 2)),
        {"stride": 4, "sizes": (5,), "aspect_ratios": (0.5, 1, 2)},
        shape=(2, 2, 3, 1),
        flat=True,
    ),
    LayerRow(
        cl.NonMaxSuppression,
        None,
        oracle.suppressed,
        shape=_SCORED,
        draw=_boxes_and_scores,
    ),
    LayerRow(
        cl.NonMaxSuppression,
        None,
        lambda *x: oracle.suppressed(*x, 4, 0.2, 0.6),
        {"max_detections": 4, "iou_threshold": 0.2, "score_threshold": 0.6},
        shape=_SCORED,
        draw=_boxes_and_scores,
    ),
]


def _focal(predictions, **kwargs):
    return LossRow(
        cl.losses.BinaryFocalCrossentropy,
        keras.losses.BinaryFocalCrossentropy,
        oracle.binary_focal_crossentropy,
        kwargs,
        cl.losses.binary_focal_crossentropy,
        keras.losses.binary_focal_crossentropy,
        _LABELS,
        predictions,
    )


def _single_shot(truth, predicted, **kwargs):
    return LossRow(
        cl.losses.SingleShotLoss,
        None,
        oracle.single_shot_loss,
        kwargs,
        cl.losses.single_shot_loss,
        None,
        truth,
        predicted,
    )


LOSSES = [
    _focal(sigmoid(_LOGITS / 3)),
    _focal(_LOGITS, from_logits=True, gamma=1.5),
    _focal(_LOGITS, from_logits=True, apply_class_balancing=True, alpha=0.4),
    _focal(sigmoid(_LOGITS / 3), label_smoothing=0.2),
    _single_shot(
        _truth(np.array([[0, 2, 1], [1, 1, -1], [0, -1, -1], [-1, -1, -1]])),
        _predicted(4, 7, 3),
    ),
    _single_shot(
        _truth(np.array([[0, 1], [1, -1]])),
        _predicted(2, 9, 2),
        positive_iou=0.3,
        negative_iou=0.1,
        alpha=0.6,
        gamma=1.0,
        delta=0.5,
    ),
]

FUNCTIONS = [
    FunctionRow(
        cl.layers.decode_boxes,
        None,
        oracle.decoded,
        arguments=(_RNG.normal(size=(2, 5, 4)) / 2, _boxes(_RNG, (2, 5, 4))),
    ),
    FunctionRow(
        cl.layers.intersection_over_union,
        None,
        oracle.intersection_over_union,
        arguments=(_boxes(_RNG, (2, 4, 4)), _boxes(_RNG, (2, 3, 4))),
    ),
]
