"""Which keys each query may attend to; `True` allows it."""

from keras import ops

from custom_layers._types import Tensor


def causal_mask(queries: Tensor, keys: Tensor) -> Tensor:
    """Makes the mask `(queries, keys)` of a query that sees no later key."""
    return ops.expand_dims(ops.arange(queries), -1) >= ops.arange(keys)


def window_mask(queries: Tensor, keys: Tensor, window: int) -> Tensor:
    """Makes the mask `(queries, keys)` of keys nearer than `window` steps."""
    distance = ops.expand_dims(ops.arange(queries), -1) - ops.arange(keys)
    return ops.abs(distance) < window


def both(mask: Tensor | None, other: Tensor | None) -> Tensor | None:
    """Allows what both masks allow; `None` allows everything."""
    if mask is None or other is None:
        return other if mask is None else mask
    return ops.logical_and(mask, other)
