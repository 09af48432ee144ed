"""Object detection: boxes around objects, and their classes."""

from typing import Any

import keras
import numpy as np
from keras import ops

from custom_layers import NonMaxSuppression
from custom_layers._types import Tensor
from custom_layers.layers import decode_boxes
from zoo.datasets import Dataset
from zoo.tasks import register_task
from zoo.tasks.assessment import Scores
from zoo.tasks.average_precision import average_precision, mean
from zoo.tasks.baselines import Baseline
from zoo.tasks.mismatch import wrong_task
from zoo.tasks.task import Config, Task

_BOX = 4  # numbers of a box
_THRESHOLDS = np.arange(0.5, 1.0, 0.05)  # of AP, as COCO's
_BATCH = 256


def prepare(data: Dataset, encoding: Config) -> Dataset:
    """Leaves images and boxes as they are.

    Args:
        data: Images with boxes.
        encoding: Empty.
    """
    if data.task != "detection":
        raise wrong_task(data, "a detector needs images with boxes")
    return data


def fixed_by_data(data: Dataset) -> Config:
    """Shape of an image, and number of classes."""
    return {"input_shape": data.input_shape, "num_classes": data.num_classes}


def fixed_in_model(model: keras.Model) -> Config:
    """The same of a built model."""
    return {
        "input_shape": tuple(model.input_shape[1:]),
        "num_classes": model.output_shape[-1] - 2 * _BOX,
    }


def detections(predictions: Tensor) -> Tensor:
    """Detections of the predictions for each anchor.

    Args:
        predictions: Anchors, offsets and logits, `(batch, anchors, 8 + classes)`.

    Returns:
        Left, top, right, bottom, score and class id by falling score,
        `(batch, detections, 6)`; zeros behind the last one.
    """
    anchors, offsets = predictions[..., :_BOX], predictions[..., _BOX : 2 * _BOX]
    scores = ops.sigmoid(predictions[..., 2 * _BOX :])
    return NonMaxSuppression(dtype="float32")(decode_boxes(offsets, anchors), scores)


def outputs(model: keras.Model) -> dict[str, Any]:
    """`boxes`, `scores` and `class_ids` by falling score, and `num_detections`.

    Behind the last detection of an image there are zeros.
    """
    found = detections(model.output)
    return {
        "boxes": found[..., :_BOX],
        "scores": found[..., _BOX],
        "class_ids": ops.cast(found[..., _BOX + 1], "int64"),
        "num_detections": ops.sum(ops.cast(found[..., _BOX] > 0, "int64"), axis=-1),
    }


def assess(outputs: np.ndarray, data: Dataset, *, are_probable: bool = True) -> Scores:
    """Assesses the detections in the test split, class by class.

    Args:
        outputs: Predictions for each anchor, `(samples, anchors, 8 + classes)`.
        data: With boxes.
        are_probable: Not used: detections are ranked by the logits.

    Returns:
        The metrics `ap50`, mean average precision where boxes overlap by 0.5 or more,
        and `ap`, the mean over thresholds from 0.5 to 0.95; as details the number of
        `objects`, and `average_precision` of each class at 0.5.
    """
    found = np.concatenate(
        [
            np.asarray(detections(outputs[start : start + _BATCH]))
            for start in range(0, len(outputs), _BATCH)
        ]
    )
    each = [
        average_precision(found, data.test.y, data.num_classes, threshold)
        for threshold in _THRESHOLDS
    ]
    metrics = {"ap50": mean(each[0]), "ap": float(np.mean([mean(row) for row in each]))}
    details = {
        "objects": int((data.test.y[..., _BOX] >= 0).sum()),
        "average_precision": dict(zip(data.labels, each[0], strict=True)),
    }
    return Scores(metrics, details)


def usual_box(data: Dataset) -> Baseline:
    """Always finds one object of the commonest class, in the mean of all boxes."""
    boxes = data.train.y[data.train.y[..., _BOX] >= 0]
    common = int(np.bincount(boxes[:, _BOX].astype(int)).argmax())
    found = np.empty((len(data.test.y), 1, _BOX + 2), "float32")
    found[:] = [*boxes[:, :_BOX].mean(axis=0), 1, common]
    value = mean(average_precision(found, data.test.y, data.num_classes))
    method = f'always "{data.labels[common]}", the commonest class, in the mean box'
    return Baseline("ap50", value, method)


TASK = Task(
    name="detection",
    loss=("SingleShotLoss", {}),
    metrics=list,
    monitor="val_loss",
    prepare=prepare,
    fixed_by_data=fixed_by_data,
    fixed_in_model=fixed_in_model,
    outputs=outputs,
    assess=assess,
    baseline=usual_box,
    raw="anchor_predictions",
    names={"class_ids": "labels"},
    headline="ap50",
)
register_task(TASK)
