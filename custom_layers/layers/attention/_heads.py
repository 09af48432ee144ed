"""Axes of heads and positions, arranged for matrix products."""

import math

from keras import ops

from custom_layers._types import Tensor

Axes = tuple[int, ...]


def heads_first(x: Tensor, axes: Axes) -> Tensor:
    """Reshapes `(batch, ..., heads, size)` to `(batch, ..., heads, steps, size)`.

    The attention axes are flattened to one axis of steps.
    """
    rank = len(x.shape)
    x = ops.transpose(x, _order(axes, rank))
    if len(axes) == 1:
        return x
    kept = rank - 1 - len(axes)
    return ops.reshape(x, (*ops.shape(x)[:kept], -1, x.shape[-1]))


def heads_last(x: Tensor, axes: Axes, like: Tensor) -> Tensor:
    """Inverse of `heads_first`; the result has the attention axes of `like`."""
    rank = len(like.shape)
    order = _order(axes, rank)
    if len(axes) > 1:
        sizes = ops.shape(like)
        x = ops.reshape(x, (*(sizes[axis] for axis in order[:-1]), x.shape[-1]))
    return ops.transpose(x, [order.index(axis) for axis in range(rank)])


def fold_mask(
    mask: Tensor | None, axes: Axes, query: Tensor, key: Tensor
) -> Tensor | None:
    """Flattens the attention axes of a mask to `(..., queries, keys)`.

    The mask may lack axes before those of the queries.
    """
    if mask is None:
        return None
    for _ in range(len(query.shape) - 1 + len(axes) - len(mask.shape)):
        mask = ops.expand_dims(mask, -2 * len(axes) - 1)
    if len(axes) == 1:
        return mask
    steps = [[ops.shape(x)[axis] for axis in axes] for x in (query, key)]
    batch = ops.shape(mask)[: -2 * len(axes)]
    mask = ops.broadcast_to(mask, (*batch, *steps[0], *steps[1]))
    return ops.reshape(mask, (*batch, *map(math.prod, steps)))


def unfold_scores(scores: Tensor, axes: Axes, query: Tensor, key: Tensor) -> Tensor:
    """Restores the attention axes of scores `(..., queries, keys)`."""
    if len(axes) == 1:
        return scores
    steps = [ops.shape(x)[axis] for x in (query, key) for axis in axes]
    return ops.reshape(scores, (*ops.shape(scores)[:-2], *steps))


def _order(axes: Axes, rank: int) -> Axes:
    batch = (axis for axis in range(rank - 2) if axis not in axes)
    return (*batch, rank - 2, *axes, rank - 1)
