"""Random numbers of layers in training."""

import keras
from keras import ops

from custom_layers import fast
from custom_layers._types import Tensor


@fast.path
def uniform(shape: tuple, dtype: str, seed: keras.random.SeedGenerator) -> Tensor:
    """Draws from [0, 1): the numbers of `keras.random.uniform`."""
    return keras.random.uniform(shape, dtype=dtype, seed=seed)


@fast.path
def normal(shape: tuple, dtype: str, seed: keras.random.SeedGenerator) -> Tensor:
    """Draws with mean 0 and variance 1: the numbers of `keras.random.normal`."""
    return keras.random.normal(shape, dtype=dtype, seed=seed)


def kept(
    shape: tuple, rate: float, dtype: str, seed: keras.random.SeedGenerator
) -> Tensor:
    """Dropout mask: 0 with probability `rate`, else `1 / (1 - rate)`."""
    if rate == 1:
        return ops.zeros(shape, dtype)
    return ops.cast(uniform(shape, dtype, seed) >= rate, dtype) / (1 - rate)


@fast.path
def kept_of_many(
    shape: tuple, rate: float, dtype: str, seed: keras.random.SeedGenerator
) -> Tensor:
    """Draws as `kept` does, perhaps from fewer random bits each."""
    return kept(shape, rate, dtype, seed)


@fast.path
def silenced(inputs: Tensor, keep: Tensor, rate: float) -> Tensor:
    """Keeps inputs, scaled up; the others become 0, even if they are no numbers."""
    return ops.where(keep, inputs / (1 - rate), 0)
