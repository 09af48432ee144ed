"""RMSprop."""

from typing import Any

import keras
from keras import ops

from custom_layers._types import Tensor
from custom_layers.optimizers import _rows
from custom_layers.optimizers._base import (
    BaseOptimizer,
    LearningRate,
    with_shared_arguments,
)

__all__ = ["RMSprop"]


@keras.saving.register_keras_serializable("custom_layers")
class RMSprop(BaseOptimizer):
    r"""Divides the gradient by its root mean square.

    .. math::

        v &\leftarrow \rho v + (1 - \rho) g^2 \\
        u &\leftarrow \rho u + (1 - \rho) g \quad \text{(centered; else } u = 0) \\
        m &\leftarrow \mu m + \eta \frac{g}{\sqrt{v - u^2 + \epsilon}} \\
        \theta &\leftarrow \theta - m

    for weights `theta` with gradient `g` and momentum `mu`.

    Args:
        learning_rate: Learning rate `eta`: a float, a schedule, or a function
            without arguments.
        rho: Decay rate of the moving averages.
        momentum: Momentum `mu`.
        epsilon: Small constant for numerical stability.
        centered: Whether to divide by the standard deviation of the gradient
            instead of its root mean square.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor,
            gradient_accumulation_steps, name: As in `BaseOptimizer`.

    Shapes:
        Slots of the weight's shape: `velocity`, with momentum `momentum`,
        centered `average_gradient`.

    Example:

    >>> weight = keras.Variable([1.0, 2.0])
    >>> RMSprop(0.5, rho=0.75).apply([ops.array([3.0, -3.0])], [weight])
    >>> [round(x, 4) for x in weight.numpy().tolist()]
    [0.0, 3.0]

    Reference:
        Tieleman and Hinton, 2012, Neural networks for machine learning, lecture
        6.5; Graves, 2013, Generating sequences with recurrent neural networks.
    """

    @with_shared_arguments
    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        **shared: Any,
    ) -> None:
        super().__init__(learning_rate, **shared)
        self.rho = rho
        self.momentum = momentum
        self.epsilon = epsilon
        self.centered = centered

    def build(self, var_list: list[keras.Variable]) -> None:
        """Creates the slots."""
        if self.built:
            return
        super().build(var_list)
        self._velocities = self.add_optimizer_variables(var_list, "velocity")
        self._momentums = []
        if self.momentum > 0:
            self._momentums = self.add_optimizer_variables(var_list, "momentum")
        self._average_gradients = []
        if self.centered:
            self._average_gradients = self.add_optimizer_variables(
                var_list, "average_gradient"
            )

    def update_step(
        self, gradient: Tensor, variable: keras.Variable, learning_rate: Tensor
    ) -> None:
        """Updates one variable."""
        rate = ops.cast(learning_rate, variable.dtype)
        gradient = ops.cast(gradient, variable.dtype)
        index = self._get_variable_index(variable)
        square = self._velocities[index]
        fresh = ops.multiply(ops.square(gradient), 1 - self.rho)
        # Not by the difference, which is undefined once a square has overflowed.
        self.assign(square, _rows.plus(ops.multiply(square, self.rho), fresh))
        means = [ops.convert_to_tensor(square)]
        if self.centered:
            mean = self._average_gradients[index]
            self._average(mean, self.rho, gradient)
            means.append(ops.convert_to_tensor(mean))
        step = _rows.on_rows(self._scaled, gradient, *means)
        if self.momentum > 0:
            last = self._momentums[index]
            faded = ops.multiply(last, self.momentum)
            self.assign(last, _rows.plus(faded, ops.multiply(step, rate)))
            self.assign_sub(variable, last)
        else:
            self._descend(variable, rate, step)

    def _scaled(
        self, gradient: Tensor, square: Tensor, mean: Tensor | None = None
    ) -> Tensor:
        if mean is not None:
            square = square - ops.square(mean)
        # The functions of `ops`, unlike operators, take sparse gradients.
        return ops.multiply(gradient, ops.rsqrt(ops.add(square, self.epsilon)))

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "rho": self.rho,
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "centered": self.centered,
        }
