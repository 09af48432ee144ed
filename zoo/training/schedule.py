"""A learning rate that starts small."""

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
