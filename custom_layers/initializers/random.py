"""Initializers with a distribution of choice."""

import keras

from custom_layers._types import KnownShape, Seed, Tensor
from custom_layers.initializers._seeded import SeededInitializer

__all__ = ["RandomNormal", "RandomUniform", "TruncatedNormal"]


class _Normal(SeededInitializer):
    """Holds mean and standard deviation."""

    def __init__(
        self, mean: float = 0.0, stddev: float = 0.05, seed: Seed = None
    ) -> None:
        super().__init__(seed)
        self.mean = mean
        self.stddev = stddev

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {"mean": self.mean, "stddev": self.stddev}


@keras.saving.register_keras_serializable("custom_layers")
class RandomNormal(_Normal):
    """Draws weights from a normal (Gaussian) distribution.

    `w ~ N(mean, stddev^2)`

    Args:
        mean: Mean of the weights.
        stddev: Their standard deviation.
        seed: Integer or `keras.random.SeedGenerator`; `None` picks one.

    Example:

    >>> tuple(RandomNormal(stddev=0.1, seed=1)((3, 4)).shape)
    (3, 4)
    """

    def __call__(self, shape: KnownShape, dtype: str | None = None) -> Tensor:
        """Makes a tensor of this shape and dtype."""
        return keras.random.normal(
            shape, self.mean, self.stddev, dtype=dtype, seed=self.seed
        )


@keras.saving.register_keras_serializable("custom_layers")
class TruncatedNormal(_Normal):
    """Draws weights from a normal distribution without its tails.

    `w ~ N(mean, stddev^2)`, drawn again where it is more than two standard
    deviations from the mean

    Args:
        mean: Mean of the weights.
        stddev: Their standard deviation, before the tails are cut off.
        seed: Integer or `keras.random.SeedGenerator`; `None` picks one.

    Example:

    >>> tuple(TruncatedNormal(stddev=0.1, seed=1)((3, 4)).shape)
    (3, 4)
    """

    def __call__(self, shape: KnownShape, dtype: str | None = None) -> Tensor:
        """Makes a tensor of this shape and dtype."""
        return keras.random.truncated_normal(
            shape, self.mean, self.stddev, dtype=dtype, seed=self.seed
        )


@keras.saving.register_keras_serializable("custom_layers")
class RandomUniform(SeededInitializer):
    """Draws weights evenly from an interval.

    `w ~ U(minval, maxval)`

    Args:
        minval: Lower end of the interval, which can be drawn.
        maxval: Upper end, which cannot.
        seed: Integer or `keras.random.SeedGenerator`; `None` picks one.

    Example:

    >>> tuple(RandomUniform(-1.0, 1.0, seed=1)((3, 4)).shape)
    (3, 4)
    """

    def __init__(
        self, minval: float = -0.05, maxval: float = 0.05, seed: Seed = None
    ) -> None:
        super().__init__(seed)
        self.minval = minval
        self.maxval = maxval

    def __call__(self, shape: KnownShape, dtype: str | None = None) -> Tensor:
        """Makes a tensor of this shape and dtype."""
        return keras.random.uniform(
            shape, self.minval, self.maxval, dtype=dtype, seed=self.seed
        )

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {"minval": self.minval, "maxval": self.maxval}
