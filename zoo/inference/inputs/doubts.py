"""What in an input does not look like the training data."""

from pathlib import Path

import numpy as np

from zoo.inference import pictures
from zoo.inference.inputs.model_input import ModelInput
from zoo.inference.inputs.remarks import Remarks


def say_doubts(
    path: Path, samples: np.ndarray, model: ModelInput, remarks: Remarks
) -> None:
    """Says where samples are far from those that the model was trained on."""
    if model.pixels is None:
        return
    for doubt in pictures.doubts(samples, model.pixels):
        remarks.warn("inputs are unlike the training images", f"{path}: {doubt}.")
