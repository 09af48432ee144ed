"""Models that compute nothing: their weights or their loss are not finite."""

import math
from collections.abc import Mapping

import keras
import numpy as np

from zoo.errors import NotFiniteError

_REMEDY = (
    "Train it again, with a smaller learning rate if its training diverged, or take a "
    "checkpoint from before."
)


def check_weights(model: keras.Model, name: str) -> None:
    """Checks that no trainable weight is NaN.

    Raises:
        NotFiniteError: If one is; the message names it.
    """
    for variable in model.trainable_variables:
        values = keras.ops.convert_to_numpy(variable.value).astype("float32")
        if np.isnan(values).any():
            raise NotFiniteError(
                f"Weights of {name!r} are NaN ({variable.path} is the first); it "
                f"cannot be evaluated. {_REMEDY}"
            )


def check_loss(metrics: Mapping[str, float], name: str) -> None:
    """Checks that the loss, where there is one, is finite.

    Raises:
        NotFiniteError: If it is not.
    """
    loss = metrics.get("loss", 0.0)
    if not math.isfinite(loss):
        raise NotFiniteError(
            f"The loss of {name!r} on the test split is {loss}, although no weight "
            f"that is trained is NaN: its outputs overflow. {_REMEDY}"
        )
