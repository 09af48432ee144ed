"""Learning rate schedules that Keras lacks."""

from collections.abc import Sequence

import keras
from keras import ops
from keras.optimizers.schedules import LearningRateSchedule

from custom_layers._types import Tensor

__all__ = ["StepDecay", "Warmup"]


@keras.saving.register_keras_serializable("custom_layers")
class Warmup(LearningRateSchedule):
    r"""Raises the learning rate linearly, then leaves it to another schedule.

    .. math::

        \eta(t) = \min\left(1, \frac{t + 1}{\mathrm{steps}}\right) \eta_0(t)

    Args:
        rate: Learning rate or schedule `eta_0`.
        steps: Number of warmup steps.

    Shapes:
        A step, counted from 0, to its learning rate.

    Example:

    >>> [float(Warmup(0.5, steps=4)(step)) for step in (0, 1, 3, 9)]
    [0.125, 0.25, 0.5, 0.5]

    Reference:
        Goyal et al., 2017, Accurate, large minibatch SGD, section 2.2.
    """

    def __init__(self, rate: float | LearningRateSchedule, steps: int) -> None:
        super().__init__()
        self.rate = rate
        self.steps = steps

    def __call__(self, step: Tensor | int) -> Tensor:
        """Computes the learning rate of a step, counted from 0."""
        rate = self.rate(step) if callable(self.rate) else self.rate
        fraction = (ops.cast(step, "float32") + 1) / max(self.steps, 1)
        return rate * ops.minimum(fraction, 1.0)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        rate = self.rate
        if isinstance(rate, LearningRateSchedule):
            rate = keras.saving.serialize_keras_object(rate)
        return {"rate": rate, "steps": self.steps}

    @classmethod
    def from_config(cls, config: dict) -> "Warmup":
        """Creates a schedule from its configuration."""
        rate = config["rate"]
        if isinstance(rate, dict):
            rate = keras.saving.deserialize_keras_object(rate)
        return cls(rate, config["steps"])


@keras.saving.register_keras_serializable("custom_layers")
class StepDecay(LearningRateSchedule):
    r"""Multiplies the learning rate by a factor at fixed fractions of the training.

    .. math::

        \eta(t) = \eta_0 \cdot \mathrm{factor}^{n(t)}, \qquad
        n(t) = \#\{b \in \mathrm{boundaries} : t \ge b \cdot \mathrm{decay\_steps}\}

    Args:
        initial_learning_rate: Learning rate `eta_0` of the first step.
        decay_steps: Number of steps of the training.
        boundaries: Fractions of the training after which the learning rate falls,
            in rising order.
        factor: Multiplier at each boundary.

    Shapes:
        A step, counted from 0, to its learning rate.

    Example:

    >>> rate = StepDecay(1.0, decay_steps=100, boundaries=(0.5, 0.75), factor=0.5)
    >>> [float(rate(step)) for step in (0, 49, 50, 75, 99)]
    [1.0, 1.0, 0.5, 0.25, 0.25]

    Reference:
        He et al., 2016, Deep residual learning for image recognition, section 4.2.
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        boundaries: Sequence[float],
        factor: float = 0.1,
    ) -> None:
        super().__init__()
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.boundaries = tuple(boundaries)
        self.factor = factor

    def __call__(self, step: Tensor | int) -> Tensor:
        """Computes the learning rate of a step, counted from 0."""
        step, rate = ops.cast(step, "float32"), self.initial_learning_rate
        for boundary in self.boundaries:
            reached = step >= boundary * self.decay_steps
            rate = rate * ops.where(reached, self.factor, 1.0)
        return rate

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "boundaries": self.boundaries,
            "factor": self.factor,
        }
