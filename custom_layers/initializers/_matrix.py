"""Kernels of any rank seen as matrices."""

import math

from custom_layers._types import KnownShape

__all__ = ["matrix_shape"]


def matrix_shape(shape: KnownShape) -> tuple[int, int]:
    """Returns the number of inputs of a unit, and the number of units.

    Args:
        shape: Shape of a kernel; the last axis holds the units, all others
            (a convolution's window too) their inputs.
    """
    if len(shape) < 2:
        raise ValueError(
            "The tensor to initialize must be at least two-dimensional: the last "
            f"axis holds the units, the others their inputs. Received: shape={shape}"
        )
    return math.prod(shape[:-1]), shape[-1]
