"""Scores, their softmax and the mixture."""

import keras
from keras import ops

from custom_layers import fast
from custom_layers._types import Tensor

_HALF = ("float16", "bfloat16")
# Added to a score, it makes its exponential zero.
HIDDEN = -2e38


def hiding(mask: Tensor | None, hidden: float = HIDDEN) -> Tensor | None:
    """Turns a mask into a bias that is added to the scores."""
    return None if mask is None else ops.where(mask, 0.0, hidden)


def without_blind(x: Tensor, mask: Tensor | None) -> Tensor:
    """Zeros the queries whose keys are all masked.

    They get the mean of all values, and no gradient.
    """
    if mask is None:
        return x
    return ops.where(ops.any(mask, axis=-1, keepdims=True), x, 0)


@fast.path
def attend(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    bias: Tensor | None = None,
    scale: Tensor | None = None,
) -> Tensor:
    """Computes `softmax(scale * query @ key^T + bias) @ value`.

    The bias has no gradient; without a scale it is 1.
    """
    query = query if scale is None else query * scale
    return ops.matmul(attention_weights(query, key, bias), value)


def attention_weights(query: Tensor, key: Tensor, bias: Tensor | None) -> Tensor:
    """Computes `softmax(query @ key^T + bias)`."""
    return biased_softmax(ops.matmul(query, ops.swapaxes(key, -1, -2)), bias)


def biased_softmax(scores: Tensor, bias: Tensor | None) -> Tensor:
    """Computes `softmax(scores + bias)`.

    It is computed in single precision: half precision sums too coarsely.
    """
    dtype = keras.backend.standardize_dtype(scores.dtype)
    scores = ops.cast(scores, "float32") if dtype in _HALF else scores
    if bias is not None:
        scores = ops.add(scores, ops.cast(bias, scores.dtype))
    weights = _softmax(scores)
    return ops.cast(weights, dtype) if dtype in _HALF else weights


@fast.path
def _softmax(scores: Tensor) -> Tensor:
    # Not `ops.softmax`: it warns of an axis with one element, as a sequence of one
    # step has.
    highest = ops.stop_gradient(ops.max(scores, axis=-1, keepdims=True))
    parts = ops.exp(scores - highest)
    return parts / ops.sum(parts, axis=-1, keepdims=True)
