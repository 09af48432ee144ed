"""The loop of tree LSTMs, whose length is the depth of the trees."""

from collections.abc import Callable
from typing import Any

from keras import ops

from custom_layers._types import Tensor


def climb(layer: Any, level: Callable, edges: Tensor) -> Tensor:
    """Repeats the update as often as the deepest tree of the batch has levels."""
    zeros = ops.zeros((*ops.shape(edges)[:2], layer.units), layer.compute_dtype)
    down = ops.transpose(edges, (0, 2, 1))
    deeper = ops.sum(down, axis=-1, keepdims=True)  # has an ancestor so far up
    return ops.while_loop(
        lambda h, c, deeper: ops.any(deeper > 0),
        lambda h, c, deeper: (*level(h, c), ops.matmul(down, deeper)),
        (*level(zeros, zeros), deeper),
        maximum_iterations=ops.shape(edges)[1],
    )[0]
