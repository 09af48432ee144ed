"""Smooth activations: sigmoids, softplus, the integral of one, and GELU."""

import math

import keras
from keras import ops

from custom_layers._types import Tensor

__all__ = ["gelu", "sigmoid", "softplus", "tanh"]


@keras.saving.register_keras_serializable("custom_layers")
def sigmoid(x: Tensor) -> Tensor:
    r"""Logistic function, from the real line to (0, 1).

    .. math::

        \sigma(x) = \frac{1}{1 + e^{-x}}

    Args:
        x: Tensor of any shape.

    Shapes:
        Any shape to the same shape.

    Example:

    >>> [float(y) for y in sigmoid(ops.array([-1000.0, 0.0, 1000.0]))]
    [0.0, 0.5, 1.0]
    """
    return ops.sigmoid(x)


@keras.saving.register_keras_serializable("custom_layers")
def tanh(x: Tensor) -> Tensor:
    r"""Hyperbolic tangent, from the real line to (-1, 1).

    .. math::

        \tanh(x) = \frac{e^x - e^{-x}}{e^x + e^{-x}}

    Args:
        x: Tensor of any shape.

    Shapes:
        Any shape to the same shape.

    Example:

    >>> [float(y) for y in tanh(ops.array([-1000.0, 0.0, 1000.0]))]
    [-1.0, 0.0, 1.0]
    """
    return ops.tanh(x)


@keras.saving.register_keras_serializable("custom_layers")
def softplus(x: Tensor) -> Tensor:
    r"""Smooth approximation of the rectifier, whose derivative is the sigmoid.

    .. math::

        \mathrm{softplus}(x) = \log(1 + e^x)

    Args:
        x: Tensor of any shape.

    Shapes:
        Any shape to the same shape.

    Example:

    >>> [float(y) for y in softplus(ops.array([-1000.0, 1000.0]))]
    [0.0, 1000.0]

    Reference:
        Dugas, Bengio, Belisle, Nadeau and Garcia, 2000, Incorporating
        second-order functional knowledge for better option pricing.
    """
    return ops.softplus(x)


@keras.saving.register_keras_serializable("custom_layers")
def gelu(x: Tensor, approximate: bool = False) -> Tensor:
    r"""Gaussian error linear unit: the input times the probability of a smaller one.

    .. math::

        \mathrm{gelu}(x) = x \, \Phi(x) = \frac{x}{2}
            \left(1 + \mathrm{erf} \frac{x}{\sqrt{2}}\right)

    with the cumulative distribution function `Phi` of the standard normal distribution;
    approximately

    .. math::

        \mathrm{gelu}(x) \approx \frac{x}{2} \left(1 + \tanh\left(
            \sqrt{\frac{2}{\pi}} \left(x + 0.044715 \, x^3\right)\right)\right)

    Args:
        x: Tensor of any shape.
        approximate: Whether to approximate `erf` by `tanh`.

    Shapes:
        Any shape to the same shape.

    Example:

    >>> [round(float(y), 4) for y in gelu(ops.array([-1.0, 0.0, 1.0]))]
    [-0.1587, 0.0, 0.8413]

    Reference:
        Hendrycks and Gimpel, 2016, Gaussian error linear units.
    """
    if not approximate:
        return ops.gelu(x, approximate=False)
    # `1 + tanh(u)` is `2 sigmoid(2 u)`; beyond 20 it is constant, and the cube of what
    # is much larger is infinite.
    bounded = ops.clip(x, -20.0, 20.0)
    cubic = bounded + 0.044715 * bounded * bounded * bounded
    return ops.multiply(x, ops.sigmoid(2 * math.sqrt(2 / math.pi) * cubic))
