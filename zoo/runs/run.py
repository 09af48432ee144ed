"""A finished training."""

import dataclasses
from pathlib import Path
from typing import Any

import keras


@dataclasses.dataclass
class Run:
    """A finished training.

    Args:
        model: The model with its best weights.
        history: Figures of each epoch.
        metrics: Figures on the test set.
        directory: The run folder.
        config: What was asked for, resolved.
    """

    model: keras.Model
    history: dict[str, list[float]]
    metrics: dict[str, float]
    directory: Path
    config: dict[str, Any]
