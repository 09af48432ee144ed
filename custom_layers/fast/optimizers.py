"""TensorFlow's own update kernels, which read and write each number once."""

from typing import Any

import keras
import numpy as np
from keras import ops

from custom_layers._types import Tensor


def fit(gradient: Tensor, *variables: keras.Variable) -> bool:
    """Whether the kernels can update these variables: TensorFlow's, and dense."""
    if keras.backend.backend() != "tensorflow":
        return False
    import tensorflow as tf

    # A kernel ends the process when a variable's dtype is not the gradient's.
    return (
        isinstance(gradient, tf.Tensor)
        and gradient.dtype in (tf.float32, tf.float64)
        and all(gradient.dtype == variable.dtype for variable in variables)
    )


def rounds_well(kept: float, gradient: Tensor) -> bool:
    """Whether `1 - kept` is right to a millionth where `kept` is rounded first.

    So the kernels do: of 0.999, single precision leaves 0.00100005.
    """
    rest = 1 - kept
    return abs(1 - _rounded(kept, gradient) - rest) <= 1e-6 * rest


def _rounded(number: float, gradient: Tensor) -> float:
    return float(np.dtype(gradient.dtype.name).type(number))


def descend(variable: keras.Variable, rate: float | Tensor, direction: Tensor) -> None:
    """`w <- w - rate direction`."""
    import tensorflow as tf

    tf.raw_ops.ResourceApplyGradientDescent(
        var=variable.handle, alpha=rate, delta=direction
    )


def momentum(
    variable: keras.Variable,
    velocity: keras.Variable,
    gradient: Tensor,
    rate: Tensor,
    *,
    momentum: float,
    nesterov: bool,
) -> None:
    """`v <- m v - r g;  w <- w + v`, Nesterov's `w <- w + m v - r g`."""
    import tensorflow as tf

    tf.raw_ops.ResourceApplyKerasMomentum(
        var=variable.handle,
        accum=velocity.handle,
        lr=rate,
        grad=gradient,
        momentum=momentum,
        use_nesterov=nesterov,
    )


class Scratch:
    """Variables, one of each shape, for what a kernel writes and nobody reads.

    They are no state of the optimizer: not saved, and shared by its weights.
    """

    def __init__(self) -> None:
        self._variables = {}

    @staticmethod
    def fits() -> bool:
        """Whether one variable will do, and not one on each of several devices."""
        import tensorflow as tf

        return not tf.distribute.has_strategy()

    def __call__(self, like: keras.Variable) -> Any:
        """Returns the variable of the same shape, dtype and device."""
        import tensorflow as tf

        key = tuple(like.shape), like.dtype, like.device
        if key not in self._variables:
            with tf.init_scope(), tf.device(like.device):
                zeros = tf.zeros(like.shape, like.dtype)
                self._variables[key] = tf.Variable(zeros, trainable=False)
        return self._variables[key]


def rmsprop(
    variable: keras.Variable,
    slots: dict[str, keras.Variable],
    gradient: Tensor,
    rate: Tensor,
    *,
    rho: float,
    momentum: float,
    epsilon: float,
) -> None:
    """RMSprop with a momentum; centered where the slots hold a mean, `mg`."""
    import tensorflow as tf

    kernel = (
        tf.raw_ops.ResourceApplyCenteredRMSProp
        if "mg" in slots
        else tf.raw_ops.ResourceApplyRMSProp
    )
    kernel(
        var=variable.handle,
        lr=rate,
        rho=rho,
        momentum=momentum,
        epsilon=epsilon,
        grad=gradient,
        **{name: slot.handle for name, slot in slots.items()},
    )


def adadelta(
    variable: keras.Variable,
    squares: keras.Variable,
    steps: keras.Variable,
    gradient: Tensor,
    rate: Tensor,
    *,
    rho: float,
    epsilon: float,
) -> None:
    """Adadelta's whole update."""
    import tensorflow as tf

    tf.raw_ops.ResourceApplyAdadelta(
        var=variable.handle,
        accum=squares.handle,
        accum_update=steps.handle,
        lr=rate,
        rho=rho,
        epsilon=epsilon,
        grad=gradient,
    )


def adam(
    variable: keras.Variable,
    momentum: keras.Variable,
    velocity: keras.Variable,
    gradient: Tensor,
    rate: Tensor,
    *,
    beta_1: float,
    beta_2: float,
    epsilon: float,
) -> None:
    """Adam's whole update; `rate` makes up for means that started at zero."""
    import tensorflow as tf

    tf.raw_ops.ResourceApplyAdam(
        var=variable.handle,
        m=momentum.handle,
        v=velocity.handle,
        beta1_power=0.0,
        beta2_power=0.0,
        lr=rate,
        beta1=beta_1,
        beta2=beta_2,
        epsilon=epsilon,
        grad=gradient,
    )


def excess(step: Tensor, kept: float, gradient: Tensor) -> Tensor:
    """By which factor rounding, as in `rounds_well`, makes a mean too large.

    Exact if all values are alike, and near one in any case.
    """
    kernels = ops.expm1(step * np.log(_rounded(kept, gradient)))
    return kernels / ops.expm1(step * np.log1p(-_rounded(1 - kept, gradient)))
