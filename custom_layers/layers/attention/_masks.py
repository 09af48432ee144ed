"""Attention masks; `True` where a query may attend to a key."""

from keras import ops

from custom_layers._types import Tensor


def causal_mask(queries: Tensor, keys: Tensor) -> Tensor:
    """Causal mask `(queries, keys)`: no query attends to a later key."""
    return ops.expand_dims(ops.arange(queries), -1) >= ops.arange(keys)


def window_mask(queries: Tensor, keys: Tensor, window: int) -> Tensor:
    """Sliding window mask `(queries, keys)` of keys nearer than `window` steps."""
    distance = ops.expand_dims(ops.arange(queries), -1) - ops.arange(keys)
    return ops.abs(distance) < window


def both(mask: Tensor | None, other: Tensor | None) -> Tensor | None:
    """Conjunction of two masks; `None` allows everything."""
    if mask is None or other is None:
        return other if mask is None else mask
    return ops.logical_and(mask, other)
