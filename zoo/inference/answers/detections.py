"""Answers of a detector: the objects in each image."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from zoo.datasets.boxes import SHOWN


class Found(NamedTuple):
    """An object in an image.

    Args:
        label: Name of its class.
        score: How sure the detector is, from 0 to 1.
        box: Left, top, right and bottom, in pixels of the model's input.
    """

    label: str
    score: float
    box: list[float]


def are_detections(outputs: Mapping[str, Any]) -> bool:
    """Whether outputs are those of a detector."""
    return "num_detections" in outputs


def found_in(outputs: Mapping[str, Any], labels: Sequence[str]) -> list[list[Found]]:
    """Returns the objects in each image, those with the largest scores first.

    Detections with a score below 0.3 are left out: most of them are wrong, and only
    the average precision asks for them.

    Args:
        outputs: Of the task `detection`, arrays `(images, ...)`.
        labels: Names of the classes; their ids if there are none.

    >>> outputs = {"boxes": [[[0, 0, 4, 4], [1, 1, 2, 2]]], "scores": [[0.5, 0.1]]}
    >>> found_in(outputs | {"class_ids": [[1, 1]]}, ("cat", "dog"))
    [[Found(label='dog', score=0.5, box=[0, 0, 4, 4])]]
    """
    images = zip(*(outputs[n] for n in ("class_ids", "scores", "boxes")), strict=True)
    return [
        [
            Found(labels[int(k)] if labels else str(int(k)), float(score), _plain(box))
            for k, score, box in zip(*image, strict=True)
            if score >= SHOWN
        ]
        for image in images
    ]


def _plain(box: Any) -> list[float]:
    return np.asarray(box).tolist()
