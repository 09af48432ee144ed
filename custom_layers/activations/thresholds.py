"""Step functions. Their derivative is zero wherever there is one."""

import keras
from keras import ops

from custom_layers._types import Tensor

__all__ = ["heaviside", "sign_threshold", "stair_step", "unit_step"]


@keras.saving.register_keras_serializable("custom_layers")
def unit_step(x: Tensor) -> Tensor:
    """Tells whether its input has reached zero.

    `unit_step(x) = 0 where x < 0, 1 where x >= 0`

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
    # A comparison would have no derivative; that of the sign is zero.
    return ops.minimum(ops.sign(x) + 1, 1)


@keras.saving.register_keras_serializable("custom_layers")
def heaviside(x: Tensor, value_at_zero: float = 0.5) -> Tensor:
    """Heaviside's step function, which takes a value of choice at zero.

    `heaviside(x) = 0 where x < 0, value_at_zero where x = 0, 1 where x > 0`

    Args:
        x: Tensor of any shape.
        value_at_zero: Value where the input is 0.

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
    """Bipolar step: -1 below zero and 1 from there on, but never 0.

    `sign_threshold(x) = -1 where x < 0, 1 where x >= 0`

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
    """Stairs through the origin: rises by `height` every `width`.

    `stair_step(x) = height * floor(x / width)`

    Args:
        x: Tensor of any shape.
        width: Width of a step, positive.
        height: Height of a step.

    Shapes:
        Any shape to the same shape.

    Example:

    >>> stairs = stair_step(ops.array([-0.5, 0.0, 2.5]), width=2.0, height=3.0)
    >>> [float(y) for y in stairs]
    [-3.0, 0.0, 3.0]
    """
    if not width > 0:
        raise ValueError(f"`width` must be positive. Received: width={width}")
    # TensorFlow knows no derivative of floor: the sign's, which is zero, serves.
    return height * (ops.floor(ops.divide(x, width)) + 0 * ops.sign(x))
