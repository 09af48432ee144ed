"""Weights of any rank seen as a matrix of connections."""

import math

from custom_layers._types import KnownShape

__all__ = ["matrix_shape"]


def matrix_shape(shape: KnownShape) -> tuple[int, int]:
    """Counts what comes into a unit, its window too, and the units.

    Args:
        shape: Shape of a kernel, whose last axis holds the units.
    """
    if len(shape) < 2:
        raise ValueError(
            "The tensor to initialize must be at least two-dimensional, for only "
            f"then has it inputs and units. Received: shape={shape}"
        )
    return math.prod(shape[:-1]), shape[-1]
