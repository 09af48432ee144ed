"""Logits and log probabilities of predictions."""

import warnings

import keras
from keras import ops

from custom_layers._types import Tensor


def logits_behind(y_pred: Tensor, from_logits: bool) -> tuple[Tensor, bool]:
    """Returns the logits from which an activation computed `y_pred`, if known.

    Keras' softmax and sigmoid attach their input to their output where the backend
    allows it. A loss of the logits keeps its gradient where a probability has
    saturated at 0 or 1.
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
    """Clips probabilities to `[epsilon, 1 - epsilon]`, where logarithms are finite."""
    epsilon = keras.config.epsilon()
    return ops.clip(probability, epsilon, 1 - epsilon)
