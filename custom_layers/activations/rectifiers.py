"""Rectifiers: linear above zero."""

import keras
from keras import ops

from custom_layers._types import Tensor

__all__ = ["elu", "leaky_relu", "relu"]


@keras.saving.register_keras_serializable("custom_layers")
def relu(
    x: Tensor,
    negative_slope: float = 0.0,
    max_value: float | None = None,
    threshold: float = 0.0,
) -> Tensor:
    """Rectified linear unit, with an optional leak, ceiling and threshold.

    `relu(x) = max(x, 0)`; with all options

        max_value                          where x >= max_value
        x                                  where threshold < x < max_value
        negative_slope * (x - threshold)   where x <= threshold

    Args:
        x: Tensor of any shape.
        negative_slope: Slope at and below the threshold.
        max_value: Ceiling of the output; `None` for no ceiling.
        threshold: Inputs up to here count as negative.

    Shapes:
        Any shape to the same shape.

    Example:

    >>> [float(y) for y in relu(ops.array([-2.0, 0.5, 8.0]), max_value=6.0)]
    [0.0, 0.5, 6.0]

    Reference:
        Nair and Hinton, 2010, Rectified linear units improve restricted
        Boltzmann machines.
    """
    if threshold == 0 and max_value is None:
        return ops.leaky_relu(x, negative_slope) if negative_slope else ops.relu(x)
    if threshold == 0 and max_value == 6:
        above = ops.relu6(x)
    else:
        above = ops.where(ops.greater(x, threshold), x, 0) if threshold else ops.relu(x)
        above = above if max_value is None else ops.minimum(above, max_value)
    if negative_slope:
        return above - negative_slope * ops.relu(ops.subtract(threshold, x))
    return above


@keras.saving.register_keras_serializable("custom_layers")
def leaky_relu(x: Tensor, negative_slope: float = 0.2) -> Tensor:
    """Rectified linear unit that lets a share of the negative inputs through.

    `leaky_relu(x) = x where x > 0, negative_slope * x elsewhere`

    Args:
        x: Tensor of any shape.
        negative_slope: Slope below zero.

    Shapes:
        Any shape to the same shape.

    Example:

    >>> [float(y) for y in leaky_relu(ops.array([-2.0, 0.5]), negative_slope=0.5)]
    [-1.0, 0.5]

    Reference:
        Maas, Hannun and Ng, 2013, Rectifier nonlinearities improve neural
        network acoustic models.
    """
    return ops.leaky_relu(x, negative_slope)


@keras.saving.register_keras_serializable("custom_layers")
def elu(x: Tensor, alpha: float = 1.0) -> Tensor:
    """Exponential linear unit, which approaches `-alpha` below zero.

    `elu(x) = x where x > 0, alpha * (exp(x) - 1) elsewhere`

    Args:
        x: Tensor of any shape.
        alpha: Depth of the floor.

    Shapes:
        Any shape to the same shape.

    Example:

    >>> [float(y) for y in elu(ops.array([-1000.0, 0.0, 1000.0]), alpha=0.5)]
    [-0.5, 0.0, 1000.0]

    Reference:
        Clevert, Unterthiner and Hochreiter, 2016, Fast and accurate deep network
        learning by exponential linear units (ELUs).
    """
    return ops.elu(x, alpha)
