"""What in an input does not look like the training data."""

from pathlib import Path

import numpy as np

from zoo.inference import pictures
from zoo.inference.inputs.model_input import ModelInput
from zoo.inference.inputs.remarks import Remarks


def say_doubts(
    path: Path, samples: np.ndarray, model: ModelInput, remarks: Remarks
) -> None:
    """Says where samples are far from those that the model was trained on.

    Args:
        path: What they were read from.
        samples: A batch.
        model: With what is known of its training.
        remarks: Who says it.
    """
    if model.pixels is not None:
        for doubt in pictures.doubts(samples, model.pixels):
            remarks.warn("inputs are unlike the training images", f"{path}: {doubt}.")
    elif model.statistics is not None:
        difference = model.statistics.difference(samples)
        if difference:
            remarks.warn(
                "batches are far from the training data",
                f"{path}: the inputs are far from those that {model.name!r} was "
                f"trained on, as in another unit or range: {difference}.",
            )
