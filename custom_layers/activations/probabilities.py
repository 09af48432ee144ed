"""Softmax: from logits to probabilities."""

import keras
from keras import ops

from custom_layers._types import Tensor

__all__ = ["softmax"]


@keras.saving.register_keras_serializable("custom_layers")
def softmax(x: Tensor, axis: int | tuple[int, ...] = -1) -> Tensor:
    r"""Normalizes logits to a probability distribution.

    .. math::

        \mathrm{softmax}(x)_i = \frac{e^{x_i - \max_k x_k}}{\sum_j e^{x_j - \max_k x_k}}

    Args:
        x: Logits.
        axis: Axis or axes along which the probabilities sum to one.

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
    # The backend's softmax takes one axis.
    x = ops.convert_to_tensor(x)
    total = ops.cast(ops.logsumexp(x, axis=axis, keepdims=True), x.dtype)
    return ops.exp(ops.subtract(x, total))
