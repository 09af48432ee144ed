"""Answers of a detector: the objects in each image."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np


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

    Args:
        outputs: Of the task `detection`, arrays `(images, ...)`.
        labels: Names of the classes; their ids if there are none.

    >>> outputs = {"num_detections": [1], "boxes": [[[0, 0, 4, 4]]]}
    >>> outputs |= {"scores": [[0.5]], "class_ids": [[1]]}
    >>> found_in(outputs, ("cat", "dog"))
    [[Found(label='dog', score=0.5, box=[0, 0, 4, 4])]]
    """
    return [
        [
            Found(
                labels[int(outputs["class_ids"][image][place])]
                if labels
                else str(int(outputs["class_ids"][image][place])),
                float(outputs["scores"][image][place]),
                np.asarray(outputs["boxes"][image][place]).tolist(),
            )
            for place in range(int(count))
        ]
        for image, count in enumerate(outputs["num_detections"])
    ]
