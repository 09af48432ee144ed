"""Object detection: scenes, average precision, answers and pictures."""

import dataclasses

import numpy as np
import pytest

from tests.zoo.subjects import make_subject, texts_of
from tests.zoo.test_answers import TWO, Known, values
from zoo import Split, tasks
from zoo.cli.predicting.printing import as_json
from zoo.datasets import Dataset, checked
from zoo.datasets.boxes import make_detection_dataset
from zoo.datasets.scenes import Thing, picture
from zoo.errors import DatasetError
from zoo.inference.answers.table import tabulate
from zoo.reports.pictures import detections
from zoo.tasks.average_precision import average_precision

# Two objects in the first image, one in the second.
TRUTH = np.array(
    [
        [[0, 0, 10, 10, 0], [20, 20, 30, 30, 1]],
        [[0, 0, 10, 10, 0], [0, 0, 0, 0, -1]],
    ],
    "float32",
)


def found(*images):
    rows = np.zeros((len(images), 3, 6), "float32")
    for image, given in zip(rows, images, strict=True):
        image[: len(given)] = np.reshape(given, (-1, 6))
    return rows


def dataset(y=TRUTH, x=None):
    x = np.zeros((len(y), 32, 32, 3), "uint8") if x is None else x
    return Dataset("a", *[Split(x, y)] * 3, ("cat", "dog"), "detection")


@pytest.mark.parametrize(
    ("images", "expected"),
    [
        # Both found, a wrong one after them.
        ([[[0, 0, 10, 10, 0.9, 0], [15, 0, 25, 10, 0.2, 0]], [[0, 0, 10, 10, 0.8, 0]]],
         [1.0, 0.0]),
        # The wrong one comes first: precision 1/2, then 2/3 at both recalls.
        ([[[0, 0, 10, 10, 0.9, 0], [15, 0, 25, 10, 0.95, 0]],
          [[0, 0, 10, 10, 0.8, 0]]], [2 / 3, 0.0]),
        # An object counts once: the second detection of it is wrong.
        ([[[0, 0, 10, 10, 0.9, 0], [0, 0, 10, 9, 0.8, 0]], []], [51 / 101, 0.0]),
        # Overlap 1/3 is too little, and a class is not another one.
        ([[[5, 0, 15, 10, 0.9, 0], [20, 20, 30, 30, 0.9, 0]], []], [0.0, 0.0]),
        ([[[20, 20, 30, 30, 0.5, 1]], []], [0.0, 1.0]),
    ],
)  # fmt: skip
def test_average_precision_by_hand(images, expected):
    assert average_precision(found(*images), TRUTH, 2) == pytest.approx(expected)


def predictions(y):
    """Anchors that are the objects, sure of their classes, and one of nothing."""
    rows = np.zeros((len(y), 3, 10), "float32")
    rows[..., :4], rows[..., 8:] = (0, 20, 4, 24), -20
    for row, objects in zip(rows, y, strict=True):
        for anchor, (*box, label) in zip(
            row, objects[objects[:, 4] >= 0], strict=False
        ):
            anchor[:4], anchor[8 + int(label)] = box, 5
    return rows


def test_the_metrics_of_right_and_of_shifted_boxes():
    task = tasks.get("detection")
    metrics, details = task.assess(predictions(TRUTH), dataset())
    assert metrics == {"ap50": 1.0, "ap": 1.0}
    assert details["objects"] == 3
    assert details["average_precision"] == {"cat": 1.0, "dog": 1.0}
    shifted = predictions(TRUTH)
    shifted[..., 4] = 0.2  # of the width: the overlap is 2/3
    metrics, _ = task.assess(shifted, dataset())
    assert metrics["ap50"] == 1.0
    assert metrics["ap"] == pytest.approx(0.4)


def test_the_baseline_is_one_box():
    found = tasks.get("detection").baseline(dataset())
    assert (found.metric, found.method) == (
        "ap50",
        'always "cat", the commonest class, in the mean box',
    )


def test_boxes_are_those_of_the_drawn_shapes():
    things = [
        Thing(0, (225, 225, 225), np.array([20.0, 40.0]), 6.0, 0.0),
        Thing(1, (225, 225, 225), np.array([45.0, 15.0]), 5.0, 0.0),
    ]
    pixels, boxes = picture(things, np.random.default_rng(0))
    is_white = pixels.min(axis=-1) > 150
    for left, top, right, bottom in boxes:
        part = is_white[top:bottom, left:right]
        rows, columns = np.nonzero(part)
        # Pixels at the edge are covered in part.
        assert rows.min() <= 1 and rows.max() >= bottom - top - 2
        assert columns.min() <= 1 and columns.max() >= right - left - 2
        is_white[top:bottom, left:right] = False
    assert not is_white.any()
    again, _ = picture(things, np.random.default_rng(0))
    np.testing.assert_array_equal(again, pixels)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (TRUTH[..., :4], r"shape \(samples, objects, 5\).*\(2, 2, 4\)"),
        (np.full_like(TRUTH, -1), "has no boxes"),
        (TRUTH + [0, 0, 0, 0, 1], r"class ids must be in 0\.\.1.*Received: 2"),
        (
            TRUTH * [1, 1, -1, 1, 1],
            "left < right and top < bottom. Received: 0, 0, -10",
        ),
    ],
)
def test_wrong_boxes_are_refused(y, message):
    x = np.zeros((len(y), 32, 32, 3))
    with pytest.raises(DatasetError, match=message):
        make_detection_dataset("a", ("cat", "dog"), Split(x, y))
    with pytest.raises(DatasetError, match=message):
        checked(dataset(y.astype("float32")))


OUTPUTS = {
    "boxes": np.array([[[1, 2, 3, 4], [5, 6, 7, 8]], [[0, 0, 0, 0]] * 2], "float32"),
    "scores": np.array([[0.75, 0.5], [0, 0]]),
    "class_ids": np.array([[1, 0], [0, 0]]),
    "num_detections": np.array([2, 0]),
}


def test_an_image_has_a_row_for_each_object_or_an_empty_one():
    rows = values(tabulate(TWO, OUTPUTS, Known(("cat", "dog")), 1))
    assert rows == {
        "input": ["x.csv"] * 3,
        "row": [1, 1, 2],
        "id": ["a", "a", "b"],
        "label": ["dog", "cat", None],
        "score": [0.75, 0.5, None],
        "left": [1, 5, None],
        "top": [2, 6, None],
        "right": [3, 7, None],
        "bottom": [4, 8, None],
    }


def test_objects_as_json():
    one, none = as_json(TWO, OUTPUTS, Known(("cat", "dog")))
    assert [each["label"] for each in one["objects"]] == ["dog", "cat"]
    assert one["objects"][0]["box"] == [1, 2, 3, 4]
    assert none["objects"] == []


def test_the_picture_names_classes_and_scores(tmp_path):
    data = dataset(x=np.full((2, 32, 32, 3), 90, "uint8"))
    subject = make_subject(tmp_path, data, outputs=predictions(TRUTH))
    shown = texts_of(detections.draw(subject))
    assert shown.count("cat 0.99") == 2 and shown.count("dog 0.99") == 1
    other = dataclasses.replace(data, task="reconstruction")
    assert detections.draw(make_subject(tmp_path, other)) is None
