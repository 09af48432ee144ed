"""The product of inputs and a kernel."""

import keras
from keras import ops

from custom_layers._types import Tensor


def product(inputs: Tensor, kernel: Tensor) -> Tensor:
    """Computes `inputs @ kernel` over the last axis of the inputs."""
    if keras.backend.backend() == "tensorflow":
        from custom_layers.fast import product as fast

        if fast.serves(inputs, kernel):
            return fast.product(inputs, ops.convert_to_tensor(kernel))
    return ops.matmul(inputs, kernel)
