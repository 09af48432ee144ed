"""Gradient descent, with momentum."""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops
from keras.optimizers.schedules import LearningRateSchedule

from custom_layers._types import Tensor

__all__ = ["SGD"]


@keras.saving.register_keras_serializable("custom_layers")
class SGD(keras.optimizers.Optimizer):
    """Steps against the gradient, perhaps with a momentum.

    With weight w, gradient g, learning rate r and momentum m:

        w <- w - r g                                     without momentum
        v <- m v - r g;  w <- w + v                      with momentum
        v <- m v - r g;  w <- w + m v - r g              Nesterov's

    Args:
        learning_rate: Number, schedule, or function without arguments.
        momentum: Share of the last step that is kept, a float in [0, 1].
        nesterov: Whether to look one step of the momentum ahead.
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
        One slot of the weight's shape, `momentum`, where momentum is not 0.

    Example:

    >>> weight = keras.Variable([1.0, 2.0])
    >>> SGD(0.5).apply([ops.array([1.0, 1.0])], [weight])
    >>> weight.numpy().tolist()
    [0.5, 1.5]

    Reference:
        Sutskever, Martens, Dahl and Hinton, 2013, On the importance of
        initialization and momentum in deep learning.
    """

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule | Callable = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
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
        if not isinstance(momentum, float) or not 0 <= momentum <= 1:
            raise ValueError(
                "`momentum` must be a float between [0, 1]. "
                f"Received: momentum={momentum} of type {type(momentum).__name__}"
            )
        self.momentum = momentum
        self.nesterov = nesterov

    def build(self, variables: list[keras.Variable]) -> None:
        """Makes the slots."""
        if self.built:
            return
        super().build(variables)
        self.momentums = []
        if self.momentum != 0:
            self.momentums = self.add_optimizer_variables(variables, "momentum")

    def update_step(
        self, gradient: Tensor, variable: keras.Variable, learning_rate: Tensor
    ) -> None:
        """Updates one weight."""
        learning_rate = ops.cast(learning_rate, variable.dtype)
        gradient = ops.cast(gradient, variable.dtype)
        # The functions of `ops`, unlike operators, take an embedding's gradient.
        step = ops.multiply(gradient, -learning_rate)
        if self.momentum == 0:
            self.assign_add(variable, step)
            return
        velocity = self.momentums[self._get_variable_index(variable)]
        momentum = ops.cast(self.momentum, variable.dtype)
        self.assign(velocity, ops.add(ops.multiply(velocity, momentum), step))
        if self.nesterov:
            step = ops.add(ops.multiply(velocity, momentum), step)
        else:
            step = velocity
        self.assign_add(variable, step)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "momentum": self.momentum,
            "nesterov": self.nesterov,
        }
