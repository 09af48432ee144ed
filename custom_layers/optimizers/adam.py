"""Adam: adaptive moment estimation."""

from typing import Any

import keras
from keras import ops

from custom_layers import fast
from custom_layers._types import Tensor
from custom_layers.optimizers._base import (
    BaseOptimizer,
    LearningRate,
    with_shared_arguments,
)

__all__ = ["Adam"]


@keras.saving.register_keras_serializable("custom_layers")
class Adam(BaseOptimizer):
    r"""Adaptive moment estimation.

    .. math::

        m &\leftarrow \beta_1 m + (1 - \beta_1) g \\
        v &\leftarrow \beta_2 v + (1 - \beta_2) g^2 \\
        \theta &\leftarrow \theta - \eta \frac{\sqrt{1 - \beta_2^t}}{1 - \beta_1^t}
            \frac{m}{\sqrt{v} + \epsilon}

    for weights `theta` with gradient `g` at step `t = 1, 2, ...`. AMSGrad replaces
    `v` in the last line by its maximum so far.

    Args:
        learning_rate: Learning rate `eta`: a float, a schedule, or a function
            without arguments.
        beta_1: Decay rate of the first moment estimate.
        beta_2: Decay rate of the second moment estimate.
        epsilon: Small constant for numerical stability (the paper's epsilon hat).
        amsgrad: Whether to use AMSGrad.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor,
            gradient_accumulation_steps, name: As in `BaseOptimizer`.

    Shapes:
        Slots of the weight's shape: `momentum` and `velocity`, with AMSGrad
        `velocity_hat`.

    Example:

    >>> weight = keras.Variable([1.0, 2.0])
    >>> Adam(0.5).apply([ops.array([3.0, -3.0])], [weight])
    >>> [round(x, 4) for x in weight.numpy().tolist()]
    [0.5, 2.5]

    Reference:
        Kingma and Ba, 2015, Adam: a method for stochastic optimization; Reddi,
        Kale and Kumar, 2018, On the convergence of Adam and beyond.
    """

    @with_shared_arguments
    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **shared: Any,
    ) -> None:
        super().__init__(learning_rate, **shared)
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.amsgrad = amsgrad

    def build(self, var_list: list[keras.Variable]) -> None:
        """Creates the slots."""
        if self.built:
            return
        super().build(var_list)
        self._momentums, self._velocities = self.add_optimizer_variables(
            var_list, ["momentum", "velocity"]
        )
        if self.amsgrad:
            self._velocity_hats = self.add_optimizer_variables(var_list, "velocity_hat")

    @fast.path
    def update_step(
        self, gradient: Tensor, variable: keras.Variable, learning_rate: Tensor
    ) -> None:
        """Updates one variable."""
        gradient = ops.cast(gradient, variable.dtype)
        step = ops.cast(self.iterations + 1, variable.dtype)
        rate = ops.cast(learning_rate, variable.dtype) * self._correction(step)
        index = self._get_variable_index(variable)
        momentum, velocity = self._momentums[index], self._velocities[index]
        self._average(momentum, self.beta_1, gradient)
        self._average(velocity, self.beta_2, ops.square(gradient))
        if self.amsgrad:
            highest = self._velocity_hats[index]
            self.assign(highest, ops.maximum(highest, velocity))
            velocity = highest
        divisor = ops.add(ops.sqrt(velocity), self.epsilon)
        self._descend(variable, rate, ops.divide(momentum, divisor))

    def _correction(self, step: Tensor) -> Tensor:
        """Bias correction of moment estimates that start at zero."""
        beta_1 = ops.cast(self.beta_1, step.dtype)
        beta_2 = ops.cast(self.beta_2, step.dtype)
        return ops.sqrt(1 - ops.power(beta_2, step)) / (1 - ops.power(beta_1, step))

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
            "amsgrad": self.amsgrad,
        }
