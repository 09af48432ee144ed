"""Stochastic gradient descent, with momentum."""

from typing import Any

import keras
from keras import ops

from custom_layers import fast
from custom_layers._types import Tensor
from custom_layers.optimizers import _rows
from custom_layers.optimizers._base import (
    BaseOptimizer,
    LearningRate,
    with_shared_arguments,
)

__all__ = ["SGD"]


@keras.saving.register_keras_serializable("custom_layers")
class SGD(BaseOptimizer):
    r"""Gradient descent, with optional momentum.

    .. math::

        v &\leftarrow \mu v - \eta g \\
        \theta &\leftarrow \theta + v \quad
            \text{(Nesterov: } \theta + \mu v - \eta g \text{)}

    for weights `theta` with gradient `g` and momentum `mu`; without momentum this
    is `theta - eta g`. The batch size names the method: (full-batch) gradient
    descent, minibatch or stochastic gradient descent.

    Args:
        learning_rate: Learning rate `eta`: a float, a schedule, or a function
            without arguments.
        momentum: Momentum `mu`, a float in [0, 1].
        nesterov: Whether to use Nesterov momentum.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor,
            gradient_accumulation_steps, name: As in `BaseOptimizer`.

    Shapes:
        One slot of the weight's shape, `momentum`, where momentum is not 0.

    Example:

    >>> weight = keras.Variable([1.0, 2.0])
    >>> SGD(0.5).apply([ops.array([1.0, 1.0])], [weight])
    >>> weight.numpy().tolist()
    [0.5, 1.5]

    Reference:
        Robbins and Monro, 1951, A stochastic approximation method; Polyak, 1964,
        Some methods of speeding up the convergence of iteration methods;
        Sutskever, Martens, Dahl and Hinton, 2013, On the importance of
        initialization and momentum in deep learning.
    """

    @with_shared_arguments
    def __init__(
        self,
        learning_rate: LearningRate = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        **shared: Any,
    ) -> None:
        super().__init__(learning_rate, **shared)
        if not isinstance(momentum, float) or not 0 <= momentum <= 1:
            raise ValueError(
                "`momentum` must be a float between [0, 1]. "
                f"Received: momentum={momentum} of type {type(momentum).__name__}"
            )
        self.momentum = momentum
        self.nesterov = nesterov

    def build(self, variables: list[keras.Variable]) -> None:
        """Creates the slots."""
        if self.built:
            return
        super().build(variables)
        self.momentums = []
        if self.momentum != 0:
            self.momentums = self.add_optimizer_variables(variables, "momentum")

    @fast.path
    def update_step(
        self, gradient: Tensor, variable: keras.Variable, learning_rate: Tensor
    ) -> None:
        """Updates one variable."""
        rate = ops.cast(learning_rate, variable.dtype)
        gradient = ops.cast(gradient, variable.dtype)
        if self.momentum == 0:
            self._descend(variable, rate, gradient)
            return
        velocity = self.momentums[self._get_variable_index(variable)]
        descent = ops.multiply(gradient, -rate)
        faded = ops.multiply(velocity, self.momentum)
        self.assign(velocity, _rows.plus(faded, descent))
        step = velocity
        if self.nesterov:
            step = _rows.plus(ops.multiply(velocity, self.momentum), descent)
        self.assign_add(variable, step)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "momentum": self.momentum,
            "nesterov": self.nesterov,
        }
