"""TensorFlow's fused update kernels, which read and write each element once."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from custom_layers._types import Tensor
from custom_layers.fast.context import compiles


def sgd(
    optimizer: Any, gradient: Tensor, variable: keras.Variable, learning_rate: Tensor
) -> Any:
    """Gradient descent with a momentum."""
    if optimizer.momentum == 0:
        return NotImplemented
    gradient = ops.cast(gradient, variable.dtype)
    velocity = optimizer.momentums[optimizer._get_variable_index(variable)]
    if not _serves(gradient, variable, velocity):
        return NotImplemented
    return tf.raw_ops.ResourceApplyKerasMomentum(
        var=variable.handle,
        accum=velocity.handle,
        lr=ops.cast(learning_rate, variable.dtype),
        grad=gradient,
        momentum=optimizer.momentum,
        use_nesterov=optimizer.nesterov,
    )


def adadelta(
    optimizer: Any, grad: Tensor, variable: keras.Variable, learning_rate: Tensor
) -> Any:
    """Adadelta."""
    gradient = ops.cast(grad, variable.dtype)
    index = optimizer._get_variable_index(variable)
    squares = optimizer._accumulated_grads[index]
    steps = optimizer._accumulated_delta_vars[index]
    if (
        not _serves(gradient, variable, squares, steps)
        or not _rounds_well(optimizer.rho, gradient)
        or compiles()
    ):
        return NotImplemented
    return tf.raw_ops.ResourceApplyAdadelta(
        var=variable.handle,
        accum=squares.handle,
        accum_update=steps.handle,
        lr=ops.cast(learning_rate, variable.dtype),
        rho=optimizer.rho,
        epsilon=optimizer.epsilon,
        grad=gradient,
    )


def adam(
    optimizer: Any, gradient: Tensor, variable: keras.Variable, learning_rate: Tensor
) -> Any:
    """Adam without AMSGrad."""
    gradient = ops.cast(gradient, variable.dtype)
    index = optimizer._get_variable_index(variable)
    momentum, velocity = optimizer._momentums[index], optimizer._velocities[index]
    if (
        optimizer.amsgrad
        or not 0 < optimizer.beta_2 < 1
        or not _serves(gradient, variable, momentum, velocity)
        or not _rounds_well(optimizer.beta_1, gradient)
        or compiles()
    ):
        return NotImplemented
    step = ops.cast(optimizer.iterations + 1, variable.dtype)
    rate = ops.cast(learning_rate, variable.dtype) * optimizer._correction(step)
    return tf.raw_ops.ResourceApplyAdam(
        var=variable.handle,
        m=momentum.handle,
        v=velocity.handle,
        beta1_power=0.0,  # the rate includes the bias correction
        beta2_power=0.0,
        lr=rate * ops.sqrt(_excess(step, optimizer.beta_2, gradient)),
        beta1=optimizer.beta_1,
        beta2=optimizer.beta_2,
        epsilon=optimizer.epsilon,
        grad=gradient,
    )


def _serves(gradient: Tensor, *variables: keras.Variable) -> bool:
    """Whether the kernels can update these variables: the gradient is dense."""
    # A kernel aborts the process where dtypes of variable and gradient differ.
    return (
        isinstance(gradient, tf.Tensor)
        and gradient.dtype in (tf.float32, tf.float64)
        and all(gradient.dtype == variable.dtype for variable in variables)
    )


def _rounds_well(kept: float, gradient: Tensor) -> bool:
    """Whether `1 - kept` is right to a millionth where `kept` is rounded first.

    So the kernels do: of 0.999, single precision leaves 0.00100005.
    """
    rest = 1 - kept
    return abs(1 - _rounded(kept, gradient) - rest) <= 1e-6 * rest


def _rounded(number: float, gradient: Tensor) -> float:
    return float(np.dtype(gradient.dtype.name).type(number))


def _excess(step: Tensor, kept: float, gradient: Tensor) -> Tensor:
    """By which factor rounding, as in `_rounds_well`, makes a mean too large.

    Exact if all values are alike, and near one in any case.
    """
    kernels = ops.expm1(step * np.log(_rounded(kept, gradient)))
    return kernels / ops.expm1(step * np.log1p(-_rounded(1 - kept, gradient)))
