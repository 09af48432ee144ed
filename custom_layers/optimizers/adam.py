"""Adaptive moment estimation."""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops
from keras.optimizers.schedules import LearningRateSchedule

from custom_layers._types import Tensor

__all__ = ["Adam"]


@keras.saving.register_keras_serializable("custom_layers")
class Adam(keras.optimizers.Optimizer):
    """Steps by the mean gradient over its root mean square.

    With weight w, gradient g, learning rate r and step t = 1, 2, ...:

        m <- beta_1 m + (1 - beta_1) g
        v <- beta_2 v + (1 - beta_2) g^2
        w <- w - r sqrt(1 - beta_2^t) / (1 - beta_1^t) m / (sqrt(v) + epsilon)

    AMSGrad puts the largest v so far in the place of v in the last line.

    Args:
        learning_rate: Number, schedule, or function without arguments.
        beta_1: Share of the mean of the gradients that is kept.
        beta_2: Share of the mean of their squares that is kept.
        epsilon: Term that keeps the divisor from zero (the paper's epsilon hat).
        amsgrad: Whether to use AMSGrad.
        weight_decay: Share of each weight, times the learning rate, that is
            taken off at each step.
        clipnorm: Largest norm of the gradient of each weight.
        clipvalue: Largest absolute value in a gradient.
        global_clipnorm: Largest norm of all gradients together. Only one of the
            three can be given.
        use_ema: Whether to keep an exponential moving average of the weights.
        ema_momentum: Share of the average that is kept at each step.
        ema_overwrite_frequency: Steps after which the average overwrites the
            weights; `None` for the end of training only.
        loss_scale_factor: Number by which the loss was multiplied, for low
            precision.
        gradient_accumulation_steps: Steps whose mean gradient makes one update,
            at least 2.
        name: Name of the optimizer.

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

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule | Callable = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            learning_rate=learning_rate,
            weight_decay=weight_decay,
            clipnorm=clipnorm,
            clipvalue=clipvalue,
            global_clipnorm=global_clipnorm,
            use_ema=use_ema,
            ema_momentum=ema_momentum,
            ema_overwrite_frequency=ema_overwrite_frequency,
            loss_scale_factor=loss_scale_factor,
            gradient_accumulation_steps=gradient_accumulation_steps,
            name=name,
            **kwargs,
        )
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.amsgrad = amsgrad

    def build(self, var_list: list[keras.Variable]) -> None:
        """Makes the slots."""
        if self.built:
            return
        super().build(var_list)
        self._momentums, self._velocities = self.add_optimizer_variables(
            var_list, ["momentum", "velocity"]
        )
        if self.amsgrad:
            self._velocity_hats = self.add_optimizer_variables(var_list, "velocity_hat")

    def update_step(
        self, gradient: Tensor, variable: keras.Variable, learning_rate: Tensor
    ) -> None:
        """Updates one weight."""
        gradient = ops.cast(gradient, variable.dtype)
        index = self._get_variable_index(variable)
        momentum, velocity = self._momentums[index], self._velocities[index]
        self._average(momentum, gradient, self.beta_1)
        self._average(velocity, ops.square(gradient), self.beta_2)
        if self.amsgrad:
            highest = self._velocity_hats[index]
            self.assign(highest, ops.maximum(highest, velocity))
            velocity = highest
        rate = self._corrected(learning_rate, variable.dtype)
        divisor = ops.add(ops.sqrt(velocity), self.epsilon)
        self.assign_sub(variable, ops.divide(ops.multiply(momentum, rate), divisor))

    def _average(self, mean: keras.Variable, value: Tensor, beta: float) -> None:
        # The functions of `ops`, unlike operators, take an embedding's gradient.
        value = ops.multiply(value, 1 - beta)
        self.assign(mean, ops.add(ops.multiply(mean, beta), value))

    def _corrected(self, learning_rate: Tensor, dtype: str) -> Tensor:
        """Makes up for means that started at zero."""
        step = ops.cast(self.iterations + 1, dtype)
        beta_1, beta_2 = ops.cast(self.beta_1, dtype), ops.cast(self.beta_2, dtype)
        correction = ops.sqrt(1 - ops.power(beta_2, step))
        correction = correction / (1 - ops.power(beta_1, step))
        return ops.cast(learning_rate, dtype) * correction

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
            "amsgrad": self.amsgrad,
        }
