"""Step functions. Their derivative is zero wherever it exists."""

import keras
from keras import ops

from custom_layers._types import Tensor

__all__ = ["heaviside", "sign_threshold", "stair_step", "unit_step"]


@keras.saving.register_keras_serializable("custom_layers")
def unit_step(x: Tensor) -> Tensor:
    r"""Unit step: the threshold unit of McCulloch and Pitts.

    .. math::

        \mathrm{unit\_step}(x) = \begin{cases}
            0 & x < 0 \\
            1 & x \ge 0
        \end{cases}

    Args:
        x: Tensor of any shape.

    Shapes:
        Any shape to the same shape.

    Example:

    >>> [float(y) for y in unit_step(ops.array([-0.5, 0.0, 2.0]))]
    [0.0, 1.0, 1.0]

    Reference:
        McCulloch and Pitts, 1943, A logical calculus of the ideas immanent in
        nervous activity.
    """
    # A comparison would have no gradient; that of the sign is zero.
    return ops.minimum(ops.sign(x) + 1, 1)


@keras.saving.register_keras_serializable("custom_layers")
def heaviside(x: Tensor, value_at_zero: float = 0.5) -> Tensor:
    r"""Heaviside step function with a given value at zero.

    .. math::

        H(x) = \begin{cases}
            0 & x < 0 \\
            h_0 & x = 0 \\
            1 & x > 0
        \end{cases}

    Args:
        x: Tensor of any shape.
        value_at_zero: Value `h_0` at zero.

    Shapes:
        Any shape to the same shape.

    Example:

    >>> [float(y) for y in heaviside(ops.array([-0.5, 0.0, 2.0]))]
    [0.0, 0.5, 1.0]

    Reference:
        Heaviside, 1893, Electromagnetic theory, volume 1.
    """
    sign = ops.sign(x)
    return ops.maximum(sign, 0) + value_at_zero * (1 - ops.absolute(sign))


@keras.saving.register_keras_serializable("custom_layers")
def sign_threshold(x: Tensor) -> Tensor:
    r"""Bipolar step function: the sign, with 1 at zero.

    .. math::

        \mathrm{sign\_threshold}(x) = \begin{cases}
            -1 & x < 0 \\
            1 & x \ge 0
        \end{cases}

    Args:
        x: Tensor of any shape.

    Shapes:
        Any shape to the same shape.

    Example:

    >>> [float(y) for y in sign_threshold(ops.array([-0.5, 0.0, 2.0]))]
    [-1.0, 1.0, 1.0]

    Reference:
        Widrow and Hoff, 1960, Adaptive switching circuits.
    """
    return 2 * unit_step(x) - 1


@keras.saving.register_keras_serializable("custom_layers")
def stair_step(x: Tensor, width: float = 1.0, height: float = 1.0) -> Tensor:
    r"""Staircase function through the origin.

    .. math::

        \mathrm{stair\_step}(x) = h \left\lfloor \frac{x}{w} \right\rfloor

    Args:
        x: Tensor of any shape.
        width: Width `w` of a step, positive.
        height: Height `h` of a step.

    Shapes:
        Any shape to the same shape.

    Example:

    >>> stairs = stair_step(ops.array([-0.5, 0.0, 2.5]), width=2.0, height=3.0)
    >>> [float(y) for y in stairs]
    [-3.0, 0.0, 3.0]
    """
    if not width > 0:
        raise ValueError(f"`width` must be positive. Received: width={width}")
    # TensorFlow has no gradient of floor: that of the sign, which is zero, stands in.
    return height * (ops.floor(ops.divide(x, width)) + 0 * ops.sign(x))
