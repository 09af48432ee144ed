"""The gradient of a function of tensors."""

from collections.abc import Callable

import keras

from custom_layers import fast
from custom_layers._types import Tensor


@fast.path
def gradient(
    function: Callable[[list[Tensor]], Tensor], values: list[Tensor]
) -> list[Tensor | None]:
    """Gradient of the sum of `function(values)` by each value, `None` without one."""
    raise NotImplementedError(
        "Gradients can be taken with the backends tensorflow, jax and torch. "
        f"Received: the backend {keras.backend.backend()}"
    )
