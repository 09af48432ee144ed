"""A row for each task: data that it learns from, and samples for its models."""

import dataclasses
from collections.abc import Callable

import numpy as np


def normal(generator, shape):
    return generator.standard_normal(shape).astype("float32")


def binary(generator, shape):
    return generator.integers(0, 2, shape).astype("float32")


def actions(x, count):
    return np.arange(len(x)) % count


def taken(x, outputs):
    """Actions by chance, each with an advantage of 1 and a return of 0."""
    count = outputs - 1  # the last output is the value
    chance = np.full(len(x), -np.log(count))
    zeros = np.zeros(len(x))
    return np.column_stack([actions(x, count), zeros + 1, zeros, chance])


@dataclasses.dataclass(frozen=True)
class TaskRow:
    """What the generic tests need of a task.

    Args:
        name: Of the task.
        dataset: A registered dataset of its kind.
        other: A registered dataset of another kind.
        targets: Of samples and a number of outputs.
        draw: Samples of models that take no tokens.
    """

    name: str
    dataset: str
    other: str
    targets: Callable
    draw: Callable = normal


def boxes(images):
    """A small and a large object an image, of classes 0 and 1; one in the second."""
    y = np.array([[[1, 1, 8, 9, 0], [2, 3, 14, 15, 1]]] * images, "float32")
    y[1, 1] = -1
    return y


ROWS = [
    TaskRow(
        "adversarial",
        *("digits", "toy_tags"),
        targets=lambda x, _: np.arange(len(x)) % 3,
        draw=binary,
    ),
    TaskRow(
        "captioning",
        *("scene_captions", "digits"),
        # -1: behind the end.
        targets=lambda x, words: np.array(
            [[1 + i % (words - 1), 1, 0, -1] for i in range(len(x))]
        ),
    ),
    TaskRow(
        "classification",
        *("digits", "toy_series"),
        targets=lambda x, classes: np.arange(len(x)) % classes,
    ),
    TaskRow(
        "detection",
        *("shape_scenes", "digits"),
        targets=lambda x, _: boxes(len(x)),
    ),
    TaskRow(
        "embedding",
        *("toy_tags", "digits"),
        # The right word first, negative samples after it.
        targets=lambda x, classes: np.eye(classes)[np.zeros(len(x), int)],
    ),
    TaskRow(
        "forecasting",
        *("toy_series", "iris"),
        targets=lambda x, horizon: normal(np.random.default_rng(1), (len(x), horizon)),
    ),
    TaskRow("generation", "digits", "toy_tags", lambda x, _: x, binary),
    TaskRow(
        "language_modelling",
        *("python_topics", "digits"),
        targets=lambda x, classes: x % classes,
    ),
    TaskRow(
        "multi_label",
        *("toy_chords", "digits"),
        targets=lambda x, labels: binary(np.random.default_rng(1), (len(x), labels)),
    ),
    TaskRow("policy_gradient", "gridworld", "digits", targets=taken),
    TaskRow(
        "q_learning",
        *("gridworld", "digits"),
        targets=lambda x, count: np.column_stack(
            [actions(x, count), np.linspace(-1, 1, len(x))]
        ),
    ),
    TaskRow("reconstruction", "digits", "toy_tags", lambda x, _: x, binary),
    TaskRow(
        "regression",
        *("diabetes", "iris"),
        targets=lambda x, size: normal(np.random.default_rng(1), (len(x), size)),
    ),
    TaskRow(
        "self_supervised",
        *("digits", "toy_tags"),
        targets=lambda x, _: np.arange(len(x)) % 3,
        draw=binary,
    ),
    TaskRow(
        "tagging",
        *("toy_tags", "digits"),
        # -1: a token without a tag.
        targets=lambda x, classes: x % (classes + 1) - 1,
    ),
    TaskRow(
        "translation",
        *("dates", "digits"),
        # Source and translation side by side, of one length; -1: padding.
        targets=lambda x, classes: x[:, x.shape[1] // 2 :] % (classes + 1) - 1,
    ),
]
TASKS = {row.name: row for row in ROWS}
