"""Learning rates that Keras lacks: one that starts small, one that falls by steps."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops
from keras.optimizers.schedules import LearningRateSchedule


@keras.saving.register_keras_serializable("zoo")
class Warmup(LearningRateSchedule):
    """Raises the rate linearly at the start, then leaves it to another schedule.

    `rate(t) = (t + 1) / steps * rate_0(t)` for `t < steps`, `rate_0(t)` after.

    Args:
        rate: Float or schedule, `rate_0`.
        steps: Steps until it is reached.

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

    def __call__(self, step: Any) -> Any:
        """Returns the rate of a step, counted from 0."""
        rate = self.rate(step) if callable(self.rate) else self.rate
        share = (ops.cast(step, "float32") + 1) / max(self.steps, 1)
        return rate * ops.minimum(share, 1.0)

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments."""
        rate = self.rate
        if isinstance(rate, LearningRateSchedule):
            rate = keras.saving.serialize_keras_object(rate)
        return {"rate": rate, "steps": self.steps}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Warmup":
        """Makes it anew."""
        rate = config["rate"]
        if isinstance(rate, dict):
            rate = keras.saving.deserialize_keras_object(rate)
        return cls(rate, config["steps"])


@keras.saving.register_keras_serializable("zoo")
class StepDecay(LearningRateSchedule):
    """Multiplies the rate by a factor each time that a part of the training is over.

    `rate(t) = rate_0 factor^n` with `n` the number of `boundaries <= t / decay_steps`

    Args:
        initial_learning_rate: `rate_0`.
        decay_steps: Steps of the training.
        boundaries: Shares of it after which the rate falls, in rising order.
        factor: What it is multiplied by.

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

    def __call__(self, step: Any) -> Any:
        """Returns the rate of a step, counted from 0."""
        step, rate = ops.cast(step, "float32"), self.initial_learning_rate
        for boundary in self.boundaries:
            reached = step >= boundary * self.decay_steps
            rate = rate * ops.where(reached, self.factor, 1.0)
        return rate

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments."""
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "boundaries": self.boundaries,
            "factor": self.factor,
        }


def find_schedule(name: str) -> Any:
    """Finds a schedule by its name, here or in Keras, or gives `None`."""
    own = {"StepDecay": StepDecay}
    return own.get(name) or getattr(keras.optimizers.schedules, name, None)
