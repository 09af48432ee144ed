"""What a method finds."""

import dataclasses
from typing import Any

import numpy as np


@dataclasses.dataclass(frozen=True)
class Explanation:
    """The result of one method for one sample.

    Args:
        attributions: A number for each unit of the sample: a pixel, a token, a step, a
            column; None of methods that make pictures alone.
        is_signed: Whether what is below zero speaks against the output.
        figures: Numbers that say how far the method can be trusted here.
        images: Stacks of pictures by name, of shape `(pictures, height, width,
            channels)`.
    """

    attributions: np.ndarray | None = None
    is_signed: bool = False
    figures: dict[str, float] = dataclasses.field(default_factory=dict)
    images: dict[str, np.ndarray] = dataclasses.field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Returns figures and attributions for a JSON file."""
        found: dict[str, Any] = dict(self.figures)
        if self.attributions is not None:
            found["attributions"] = self.attributions.tolist()
        return found
