"""Scores, their softmax and the mixture, in whatever way the backend does best."""

import keras
from keras import ops

from custom_layers._types import Tensor
from custom_layers.fast import attention as _tensorflow

_HALF = ("float16", "bfloat16")
# Added to a score it leaves nothing of it, and of its exponential neither.
HIDDEN = -2e38


def hiding(mask: Tensor | None, hidden: float = HIDDEN) -> Tensor | None:
    """Makes of a mask what is to be added to the scores."""
    return None if mask is None else ops.where(mask, 0.0, hidden)


def without_blind(x: Tensor, mask: Tensor | None) -> Tensor:
    """Sets to zero what belongs to queries that may attend to nothing.

    Zero queries get the mean of all values and send no gradient back.
    """
    if mask is None:
        return x
    return ops.where(ops.any(mask, axis=-1, keepdims=True), x, 0)


def attend(
    query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None = None
) -> Tensor:
    """Computes `softmax(query @ key^T + bias) @ value`; the bias has no gradient."""
    parts = (query, key, value, bias)
    if keras.backend.backend() == "tensorflow" and _tensorflow.serves(*parts):
        return _tensorflow.attend(*parts)
    return portable_attend(*parts)


def portable_attend(
    query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None
) -> Tensor:
    """Computes what `attend` does with `keras.ops`."""
    return ops.matmul(attention_weights(query, key, bias), value)


def attention_weights(query: Tensor, key: Tensor, bias: Tensor | None) -> Tensor:
    """Computes `softmax(query @ key^T + bias)`."""
    return biased_softmax(ops.matmul(query, ops.swapaxes(key, -1, -2)), bias)


def biased_softmax(scores: Tensor, bias: Tensor | None) -> Tensor:
    """Computes `softmax(scores + bias)`.

    Half precision sums too coarsely, so it is left for the time.
    """
    dtype = keras.backend.standardize_dtype(scores.dtype)
    scores = ops.cast(scores, "float32") if dtype in _HALF else scores
    if bias is not None:
        scores = ops.add(scores, ops.cast(bias, scores.dtype))
    weights = _softmax(scores)
    return ops.cast(weights, dtype) if dtype in _HALF else weights


def _softmax(scores: Tensor) -> Tensor:
    # Not `ops.softmax`: it warns of an axis with one element, as a sequence of one
    # step has.
    if keras.backend.backend() == "tensorflow":
        return _tensorflow.softmax(scores)
    highest = ops.stop_gradient(ops.max(scores, axis=-1, keepdims=True))
    parts = ops.exp(scores - highest)
    return parts / ops.sum(parts, axis=-1, keepdims=True)
