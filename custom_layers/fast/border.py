"""Average pooling where a backend's own counts what lies beyond the border."""

import math

from keras import ops

from custom_layers._types import Tensor


def average_pool(
    inputs: Tensor,
    pool_size: tuple[int, ...],
    *,
    strides: tuple[int, ...],
    padding: str,
    data_format: str,
) -> Tensor:
    """The sum of each padded window over the number of its positions inside."""
    if padding != "same":
        return NotImplemented
    first = 1 if data_format == "channels_last" else 2
    sizes = inputs.shape[first : first + len(pool_size)]
    lacking = [
        max((math.ceil(size / stride) - 1) * stride + window - size, 0)
        for size, stride, window in zip(sizes, strides, pool_size, strict=True)
    ]
    pads = [(0, 0)] * len(inputs.shape)
    pads[first : first + len(pool_size)] = [(n // 2, n - n // 2) for n in lacking]

    def pooled(x: Tensor) -> Tensor:
        return ops.average_pool(
            ops.pad(x, pads), pool_size, strides=strides, data_format=data_format
        )

    return pooled(inputs) / pooled(ops.ones_like(inputs))
