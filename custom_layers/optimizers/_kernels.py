"""TensorFlow's own update kernels, which read and write each number once."""

from collections.abc import Callable

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


def is_rows(gradient: Tensor) -> bool:
    """Whether it is the gradient of an embedding on TensorFlow: some rows only."""
    if keras.backend.backend() != "tensorflow":
        return False
    import tensorflow as tf

    return isinstance(gradient, tf.IndexedSlices)


def on_rows(
    function: Callable[..., Tensor], gradient: Tensor, *slots: keras.Variable
) -> Tensor:
    """Computes `function(gradient, *slots)`, on the gradient's rows if it has some."""
    if not is_rows(gradient):
        return function(gradient, *slots)
    import tensorflow as tf

    rows = [tf.gather(slot.value, gradient.indices) for slot in slots]
    values = function(gradient.values, *rows)
    return tf.IndexedSlices(values, gradient.indices, gradient.dense_shape)


def add_rows(variable: keras.Variable, rows: Tensor) -> None:
    """`variable[i] <- variable[i] + row` for each row and its index."""
    variable.value.scatter_add(rows)


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
    step: Tensor,
    *,
    beta_1: float,
    beta_2: float,
    epsilon: float,
) -> None:
    """Adam's whole update; `rate` makes up for means that started at zero."""
    import tensorflow as tf

    # By rounding as in `rounds_well`, the kernel's `velocity` is too large by this
    # factor at step t if gradients stay alike; with them, the weights do not.
    kernels = step * np.log(_rounded(beta_2, gradient))
    exact = step * np.log1p(-_rounded(1 - beta_2, gradient))
    factor = ops.expm1(kernels) / ops.expm1(exact)
    tf.raw_ops.ResourceApplyAdam(
        var=variable.handle,
        m=momentum.handle,
        v=velocity.handle,
        beta1_power=0.0,
        beta2_power=0.0,
        lr=rate * ops.sqrt(factor),
        beta1=beta_1,
        beta2=beta_2,
        epsilon=epsilon,
        grad=gradient,
    )
