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
        history: Metrics of each epoch.
        metrics: Test metrics.
        directory: The run folder.
        config: The resolved configuration.
    """

    model: keras.Model
    history: dict[str, list[float]]
    metrics: dict[str, float]
    directory: Path
    config: dict[str, Any]
