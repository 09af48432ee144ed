"""From probabilities or scores to logarithms of probabilities."""

import warnings

import keras
from keras import ops

from custom_layers._types import Tensor


def logits_behind(y_pred: Tensor, from_logits: bool) -> tuple[Tensor, bool]:
    """Finds the logits from which an activation computed `y_pred`.

    Keras' softmax and sigmoid leave their input with their output where the
    backend allows it. A loss of the logits keeps its gradient where a
    probability has become 0 or 1.
    """
    logits = getattr(y_pred, "_keras_logits", None)
    if logits is None:
        return y_pred, from_logits
    if from_logits:
        warnings.warn(
            "`from_logits=True` was given, and `y_pred` is the output of a softmax "
            "or sigmoid. Remove the activation or set `from_logits=False`.",
            stacklevel=3,
        )
    return logits, True


def clipped(probability: Tensor) -> Tensor:
    """Keeps probabilities so far from 0 and 1 that their logarithms are finite."""
    epsilon = keras.config.epsilon()
    return ops.clip(probability, epsilon, 1 - epsilon)
