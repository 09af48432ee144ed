"""Adagrad."""

from typing import Any

import keras
from keras import ops

from custom_layers import initializers
from custom_layers._types import Tensor
from custom_layers.optimizers import _rows
from custom_layers.optimizers._base import (
    BaseOptimizer,
    LearningRate,
    with_shared_arguments,
)

__all__ = ["Adagrad"]


@keras.saving.register_keras_serializable("custom_layers")
class Adagrad(BaseOptimizer):
    r"""Divides the gradient by the root of the sum of its past squares.

    .. math::

        a &\leftarrow a + g^2 \\
        \theta &\leftarrow \theta - \eta \frac{g}{\sqrt{a + \epsilon}}

    for weights `theta` with gradient `g`.

    Args:
        learning_rate: Learning rate `eta`: a float, a schedule, or a function
            without arguments.
        initial_accumulator_value: Initial value of the accumulator `a`.
        epsilon: Small constant for numerical stability.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor,
            gradient_accumulation_steps, name: As in `BaseOptimizer`.

    Shapes:
        One slot of the weight's shape, `accumulator`.

    Example:

    >>> weight = keras.Variable([1.0, 2.0])
    >>> Adagrad(0.5, initial_accumulator_value=7.0).apply(
    ...     [ops.array([3.0, -3.0])], [weight]
    ... )
    >>> [round(x, 4) for x in weight.numpy().tolist()]
    [0.625, 2.375]

    Reference:
        Duchi, Hazan and Singer, 2011, Adaptive subgradient methods for online
        learning and stochastic optimization.
    """

    @with_shared_arguments
    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
        **shared: Any,
    ) -> None:
        super().__init__(learning_rate, **shared)
        self.initial_accumulator_value = initial_accumulator_value
        self.epsilon = epsilon

    def build(self, var_list: list[keras.Variable]) -> None:
        """Creates the slots."""
        if self.built:
            return
        super().build(var_list)
        self._accumulators = self.add_optimizer_variables(
            var_list,
            "accumulator",
            initializer=initializers.Constant(self.initial_accumulator_value),
        )

    def update_step(
        self, gradient: Tensor, variable: keras.Variable, learning_rate: Tensor
    ) -> None:
        """Updates one variable."""
        gradient = ops.cast(gradient, variable.dtype)
        squares = self._accumulators[self._get_variable_index(variable)]
        self.assign_add(squares, ops.square(gradient))
        step = _rows.on_rows(self._scaled, gradient, squares.value)
        self._descend(variable, ops.cast(learning_rate, variable.dtype), step)

    def _scaled(self, gradient: Tensor, squares: Tensor) -> Tensor:
        # The functions of `ops`, unlike operators, take sparse gradients.
        return ops.multiply(gradient, ops.rsqrt(ops.add(squares, self.epsilon)))

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "initial_accumulator_value": self.initial_accumulator_value,
            "epsilon": self.epsilon,
        }
