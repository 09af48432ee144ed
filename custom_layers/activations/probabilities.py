"""Softmax: from scores to probabilities."""

import keras
from keras import ops

from custom_layers._types import Tensor

__all__ = ["softmax"]


@keras.saving.register_keras_serializable("custom_layers")
def softmax(x: Tensor, axis: int | tuple[int, ...] = -1) -> Tensor:
    """Turns scores into positive numbers that sum to one.

    `softmax(x)[i] = exp(x[i] - max(x)) / sum_j exp(x[j] - max(x))`

    Args:
        x: Tensor of scores.
        axis: Axis or axes along which the outputs sum to one.

    Shapes:
        Any shape to the same shape.

    Example:

    >>> [float(y) for y in softmax(ops.array([1000.0, 1000.0]))]
    [0.5, 0.5]

    Reference:
        Bridle, 1990, Probabilistic interpretation of feedforward
        classification network outputs.
    """
    if isinstance(axis, int):
        return ops.softmax(x, axis=axis)
    # The kernel takes one axis.
    x = ops.convert_to_tensor(x)
    total = ops.cast(ops.logsumexp(x, axis=axis, keepdims=True), x.dtype)
    return ops.exp(ops.subtract(x, total))
