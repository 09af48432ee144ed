"""Adadelta."""

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

__all__ = ["Adadelta"]


@keras.saving.register_keras_serializable("custom_layers")
class Adadelta(BaseOptimizer):
    r"""Adagrad with decaying averages, and steps in the units of the weights.

    .. math::

        a &\leftarrow \rho a + (1 - \rho) g^2 \\
        d &= \frac{\sqrt{s + \epsilon}}{\sqrt{a + \epsilon}} \, g \\
        s &\leftarrow \rho s + (1 - \rho) d^2 \\
        \theta &\leftarrow \theta - \eta d

    for weights `theta` with gradient `g`.

    Args:
        learning_rate: Learning rate `eta`: a float, a schedule, or a function
            without arguments; 1 in the paper.
        rho: Decay rate of the mean squares.
        epsilon: Small constant for numerical stability; it sets the first step, too.
        weight_decay, clipnorm, clipvalue, global_clipnorm, use_ema, ema_momentum,
            ema_overwrite_frequency, loss_scale_factor,
            gradient_accumulation_steps, name: As in `BaseOptimizer`.

    Shapes:
        Two slots of the weight's shape, `accumulated_grad` and
        `accumulated_delta_var`.

    Example:

    >>> weight = keras.Variable([1.0, 2.0])
    >>> Adadelta(1.0, rho=0.75, epsilon=1.0).apply([ops.array([2.0, 0.0])], [weight])
    >>> [round(x, 4) for x in weight.numpy().tolist()]
    [-0.4142, 2.0]

    Reference:
        Zeiler, 2012, ADADELTA: an adaptive learning rate method.
    """

    @with_shared_arguments
    def __init__(
        self,
        learning_rate: LearningRate = 0.001,
        rho: float = 0.95,
        epsilon: float = 1e-7,
        **shared: Any,
    ) -> None:
        super().__init__(learning_rate, **shared)
        self.rho = rho
        self.epsilon = epsilon

    def build(self, var_list: list[keras.Variable]) -> None:
        """Creates the slots."""
        if self.built:
            return
        super().build(var_list)
        self._accumulated_grads, self._accumulated_delta_vars = (
            self.add_optimizer_variables(
                var_list, ["accumulated_grad", "accumulated_delta_var"]
            )
        )

    @fast.path
    def update_step(
        self, grad: Tensor, variable: keras.Variable, learning_rate: Tensor
    ) -> None:
        """Updates one variable."""
        rate = ops.cast(learning_rate, variable.dtype)
        gradient = ops.cast(grad, variable.dtype)
        index = self._get_variable_index(variable)
        squares = self._accumulated_grads[index]
        steps = self._accumulated_delta_vars[index]
        self._average(squares, self.rho, ops.square(gradient))
        means = ops.convert_to_tensor(squares), ops.convert_to_tensor(steps)
        step = _rows.on_rows(self._scaled, gradient, *means)
        self._average(steps, self.rho, ops.square(step))
        self._descend(variable, rate, step)

    def _scaled(self, gradient: Tensor, squares: Tensor, steps: Tensor) -> Tensor:
        ratio = ops.divide(ops.add(steps, self.epsilon), ops.add(squares, self.epsilon))
        # The functions of `ops`, unlike operators, take sparse gradients.
        return ops.multiply(gradient, ops.sqrt(ratio))

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {"rho": self.rho, "epsilon": self.epsilon}
