"""Rectified linear units and their variants."""

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
    r"""Rectified linear unit, with optional leak, saturation and threshold.

    .. math::

        \mathrm{relu}(x) = \max(x, 0)

    and with threshold `t`, negative slope `s` and maximum `m`

    .. math::

        \mathrm{relu}(x) = \begin{cases}
            m & x \ge m \\
            x & t < x < m \\
            s (x - t) & x \le t
        \end{cases}

    Args:
        x: Tensor of any shape.
        negative_slope: Slope `s` at and below the threshold.
        max_value: Maximum `m` at which the output saturates; `None` for none.
        threshold: Threshold `t` of activation.

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
    r"""Rectified linear unit with a small slope for negative inputs.

    .. math::

        \mathrm{leaky\_relu}(x) = \begin{cases}
            x & x > 0 \\
            s x & x \le 0
        \end{cases}

    Args:
        x: Tensor of any shape.
        negative_slope: Slope `s` for negative inputs.

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
    r"""Exponential linear unit, which saturates at `-alpha`.

    .. math::

        \mathrm{elu}(x) = \begin{cases}
            x & x > 0 \\
            \alpha (e^x - 1) & x \le 0
        \end{cases}

    Args:
        x: Tensor of any shape.
        alpha: Magnitude of the value at which negative inputs saturate.

    Shapes:
        Any shape to the same shape.

    Example:

    >>> [float(y) for y in elu(ops.array([-1000.0, 0.0, 1000.0]), alpha=0.5)]
    [-0.5, 0.0, 1000.0]

    Reference:
        Clevert, Unterthiner and Hochreiter, 2016, Fast and accurate deep network
        learning by exponential linear units (ELUs).
    """
    if alpha == 1:
        return ops.elu(x)
    # The factor scales the gradient, too.
    x = ops.convert_to_tensor(x)
    one, depth = (ops.convert_to_tensor(value, x.dtype) for value in (1.0, alpha))
    return ops.elu(x) * ops.where(ops.greater(x, 0), one, depth)
