"""Base class of the optimizers: shared arguments, clipping, elementary updates."""

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

import keras
from keras import ops
from keras.optimizers.schedules import LearningRateSchedule

from custom_layers import fast
from custom_layers._types import Tensor
from custom_layers.optimizers import _rows
from custom_layers.optimizers.clipping import (
    clip_by_global_norm,
    clip_by_norm,
    clip_by_value,
)

LearningRate: TypeAlias = float | LearningRateSchedule | Callable
_Init = TypeVar("_Init", bound=Callable[..., None])


class BaseOptimizer(keras.optimizers.Optimizer):
    """Base class of the optimizers, with the arguments that all of them share.

    Args:
        learning_rate: Learning rate `eta`: a float, a schedule, or a function
            without arguments.
        weight_decay: Decoupled weight decay: each step subtracts the weight times
            this and the learning rate.
        clipnorm: Largest norm of the gradient of each variable.
        clipvalue: Largest absolute value of a gradient's elements.
        global_clipnorm: Largest global norm of all gradients. Only one of the three
            can be given.
        use_ema: Whether to keep an exponential moving average of the weights.
        ema_momentum: Decay rate of this average.
        ema_overwrite_frequency: Interval in steps at which the average overwrites
            the weights; `None` for the end of training only.
        loss_scale_factor: Factor by which the loss was scaled, for low precision.
        gradient_accumulation_steps: Number of steps over which gradients are
            accumulated, at least 2.
        name: Name of the optimizer.
    """

    def __init__(
        self,
        learning_rate: LearningRate,
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

    def _clip_gradients(self, grads: list[Tensor]) -> list[Tensor]:
        if not self._clips():
            return grads
        return of_the_sum(self._clipped, grads)

    def _clips(self) -> bool:
        limits = self.clipnorm, self.global_clipnorm, self.clipvalue
        return any(limit and limit > 0 for limit in limits)

    def _clipped(self, grads: list[Tensor]) -> list[Tensor]:
        if self.clipnorm and self.clipnorm > 0:
            return clip_by_norm(grads, self.clipnorm)
        if self.global_clipnorm and self.global_clipnorm > 0:
            return clip_by_global_norm(grads, self.global_clipnorm)
        if self.clipvalue and self.clipvalue > 0:
            return clip_by_value(grads, self.clipvalue)
        return grads

    def _descend(
        self, variable: keras.Variable, rate: float | Tensor, direction: Tensor
    ) -> None:
        """`variable <- variable - rate * direction`; on its rows, if sparse."""
        self.assign_sub(variable, ops.multiply(direction, rate))

    def _average(self, mean: keras.Variable, decay: float, value: Tensor) -> None:
        """`mean <- decay * mean + (1 - decay) * value`."""
        if _rows.is_rows(value):
            rest = ops.multiply(value, 1 - decay)
            self.assign(mean, _rows.plus(ops.multiply(mean, decay), rest))
        else:
            self._descend(mean, 1 - decay, ops.subtract(mean, value))


@fast.path
def of_the_sum(
    function: Callable[[list[Tensor]], list[Tensor]], gradients: list[Tensor]
) -> list[Tensor]:
    """Applies a function to the gradients, summed over replicas if there are any."""
    return function(gradients)


def with_shared_arguments(init: _Init) -> _Init:
    """Replaces `**shared` in an optimizer's signature by the shared arguments.

    The arguments of `BaseOptimizer` that the constructor does not name itself follow
    its own, so that they can be given by position as well.
    """
    own = list(inspect.signature(init).parameters.values())[:-1]
    named = {parameter.name for parameter in own}
    shared = inspect.signature(BaseOptimizer.__init__).parameters.values()
    signature = inspect.Signature([*own, *(p for p in shared if p.name not in named)])

    @functools.wraps(init)
    def constructor(*args: Any, **kwargs: Any) -> None:
        given = signature.bind(*args, **kwargs).arguments
        init(**given.pop("kwargs", {}), **given)

    setattr(constructor, "__signature__", signature)  # noqa: B010  (no such field)
    return constructor  # pyright: ignore[reportReturnType]
