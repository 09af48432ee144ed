"""Grouped convolution, whose gradient TensorFlow lacks on a CPU."""

from typing import Any

from keras import ops

from custom_layers._types import Tensor


def convolve(inputs: Tensor, kernel: Tensor, groups: int, **options: Any) -> Tensor:
    """Convolves each group separately."""
    # A split of an empty tensor returns all its channels.
    if groups == 1 or 0 in inputs.shape:
        return NotImplemented
    axis = -1 if options["data_format"] == "channels_last" else 1
    parts = ops.split(inputs, groups, axis=axis)
    kernels = ops.split(ops.convert_to_tensor(kernel), groups, axis=-1)
    maps = [ops.conv(x, k, **options) for x, k in zip(parts, kernels, strict=True)]
    return ops.concatenate(maps, axis=axis)
