"""Random numbers of layers in training."""

import keras
from keras import ops

from custom_layers import fast
from custom_layers._types import Tensor


@fast.path
def uniform(shape: tuple, dtype: str, seed: keras.random.SeedGenerator) -> Tensor:
    """Uniform samples from [0, 1), equal to those of `keras.random.uniform`."""
    return keras.random.uniform(shape, dtype=dtype, seed=seed)


@fast.path
def normal(shape: tuple, dtype: str, seed: keras.random.SeedGenerator) -> Tensor:
    """Standard normal samples, equal to those of `keras.random.normal`."""
    return keras.random.normal(shape, dtype=dtype, seed=seed)


def kept(
    shape: tuple, rate: float, dtype: str, seed: keras.random.SeedGenerator
) -> Tensor:
    """Dropout mask: 0 with probability `rate`, else `1 / (1 - rate)`."""
    if rate == 1:
        return ops.zeros(shape, dtype)
    return ops.cast(uniform(shape, dtype, seed) >= rate, dtype) / (1 - rate)


@fast.path
def dropped(inputs: Tensor, keep: Tensor, rate: float) -> Tensor:
    """Keeps inputs, scaled up; dropped ones become 0, even NaN and infinity."""
    return ops.where(keep, inputs / (1 - rate), 0)
