"""Initializers with a given distribution."""

import keras

from custom_layers._types import KnownShape, Seed, Tensor
from custom_layers.initializers._seeded import SeededInitializer

__all__ = ["RandomNormal", "RandomUniform", "TruncatedNormal"]


class _Normal(SeededInitializer):
    """Base class of initializers with a mean and a standard deviation."""

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
    r"""Draws weights from a normal (Gaussian) distribution.

    .. math::

        w \sim \mathcal{N}(\mu, \sigma^2)

    Args:
        mean: Mean `mu` of the weights.
        stddev: Standard deviation `sigma` of the weights.
        seed: Integer or `keras.random.SeedGenerator`; `None` draws one at random.

    Example:

    >>> tuple(RandomNormal(stddev=0.1, seed=1)((3, 4)).shape)
    (3, 4)
    """

    def __call__(self, shape: KnownShape, dtype: str | None = None) -> Tensor:
        """Returns a tensor of the given shape and dtype."""
        return keras.random.normal(
            shape, self.mean, self.stddev, dtype=dtype, seed=self.seed
        )


@keras.saving.register_keras_serializable("custom_layers")
class TruncatedNormal(_Normal):
    r"""Draws weights from a truncated normal distribution.

    .. math::

        w \sim \mathcal{N}(\mu, \sigma^2)
        \text{ given } \lvert w - \mu \rvert \le 2 \sigma

    Args:
        mean: Mean `mu` of the weights.
        stddev: Standard deviation `sigma` of the distribution before truncation.
        seed: Integer or `keras.random.SeedGenerator`; `None` draws one at random.

    Example:

    >>> tuple(TruncatedNormal(stddev=0.1, seed=1)((3, 4)).shape)
    (3, 4)
    """

    def __call__(self, shape: KnownShape, dtype: str | None = None) -> Tensor:
        """Returns a tensor of the given shape and dtype."""
        return keras.random.truncated_normal(
            shape, self.mean, self.stddev, dtype=dtype, seed=self.seed
        )


@keras.saving.register_keras_serializable("custom_layers")
class RandomUniform(SeededInitializer):
    r"""Draws weights from a uniform distribution.

    .. math::

        w \sim \mathcal{U}[\mathrm{minval}, \mathrm{maxval})

    Args:
        minval: Lower bound, inclusive.
        maxval: Upper bound, exclusive.
        seed: Integer or `keras.random.SeedGenerator`; `None` draws one at random.

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
        """Returns a tensor of the given shape and dtype."""
        return keras.random.uniform(
            shape, self.minval, self.maxval, dtype=dtype, seed=self.seed
        )

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {"minval": self.minval, "maxval": self.maxval}
