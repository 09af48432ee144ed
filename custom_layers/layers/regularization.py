"""Dropout and noise, which act in training only."""

from collections.abc import Iterable
from typing import Any

import keras
from keras import ops

from custom_layers._types import Shape, Tensor
from custom_layers.layers import _noise

__all__ = ["Dropout", "GaussianNoise"]


@keras.saving.register_keras_serializable("custom_layers")
class Dropout(keras.layers.Layer):
    r"""Drops random input units in training and scales up the others.

    .. math::

        y = \frac{x \odot m}{1 - p}, \qquad m \sim \mathrm{Bernoulli}(1 - p)

    in training with dropout rate `p`, so that the expectation of `y` is `x`;
    `y = x` at inference.

    Args:
        rate: Dropout rate `p`: fraction of the input units to drop, in [0, 1].
        noise_shape: Shape of the mask `m`, which is broadcast to the inputs; `None`
            as a whole or for a dimension means that of the inputs. With
            `(None, 1, None)` all time steps share a mask.
        seed: Integer seed of the random generator.

    Shapes:
        Any shape to the same shape.

    Example:

    >>> y = Dropout(0.5, seed=1)(ops.ones((1000,)), training=True)
    >>> sorted(set(ops.convert_to_numpy(y).tolist()))
    [0.0, 2.0]

    Reference:
        Srivastava et al., 2014, Dropout: a simple way to prevent neural networks
        from overfitting.
    """

    def __init__(
        self,
        rate: float,
        noise_shape: Iterable[int | None] | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not 0 <= rate <= 1:
            raise ValueError(
                "Invalid value received for argument `rate`. Expected a float value "
                f"between 0 and 1. Received: rate={rate}"
            )
        self.rate = rate
        self.noise_shape = _checked_noise_shape(noise_shape)
        self.seed = seed
        if rate > 0:
            self.seed_generator = keras.random.SeedGenerator(seed)
        self.supports_masking = True
        self._build_at_init()

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        """Drops inputs in training."""
        if not training or self.rate == 0:
            return inputs
        if self.rate == 1:
            return ops.zeros_like(inputs)
        shape = self._mask_shape(inputs)
        noise = _noise.uniform(shape, inputs.dtype, self.seed_generator)
        return self.drop(inputs, noise >= self.rate)

    def drop(self, inputs: Tensor, keep: Tensor) -> Tensor:
        """Keeps inputs, scaled up; dropped ones become 0, even NaN and infinity."""
        return _noise.dropped(inputs, keep, self.rate)

    def _mask_shape(self, inputs: Tensor) -> tuple:
        shape = ops.shape(inputs)
        if self.noise_shape is None:
            return shape
        return tuple(
            shape[axis] if size is None else size
            for axis, size in enumerate(self.noise_shape)
        )

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of the inputs."""
        return input_shape

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "rate": self.rate,
            "seed": self.seed,
            "noise_shape": self.noise_shape,
        }


@keras.saving.register_keras_serializable("custom_layers")
class GaussianNoise(keras.layers.Layer):
    r"""Adds Gaussian noise to the inputs in training.

    .. math::

        y = x + \epsilon, \qquad \epsilon \sim \mathcal{N}(0, \sigma^2)

    in training; `y = x` at inference.

    Args:
        stddev: Standard deviation `sigma` of the noise, in [0, 1].
        seed: Integer seed of the random generator.

    Shapes:
        Any shape to the same shape.

    Example:

    >>> y = GaussianNoise(0.5, seed=1)(ops.zeros((10000,)), training=True)
    >>> round(float(ops.std(y)), 1)
    0.5

    Reference:
        Bishop, 1995, Training with noise is equivalent to Tikhonov regularization.
    """

    def __init__(self, stddev: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not 0 <= stddev <= 1:
            raise ValueError(
                "Invalid value received for argument `stddev`. Expected a float value "
                f"between 0 and 1. Received: stddev={stddev}"
            )
        self.stddev = stddev
        self.seed = seed
        if stddev > 0:
            self.seed_generator = keras.random.SeedGenerator(seed)
        self.supports_masking = True
        self._build_at_init()

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        """Adds the noise in training."""
        if not training or self.stddev == 0:
            return inputs
        shape = ops.shape(inputs)
        noise = _noise.normal(shape, self.compute_dtype, self.seed_generator)
        return inputs + self.stddev * noise

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of the inputs."""
        return input_shape

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {"stddev": self.stddev, "seed": self.seed}


def _checked_noise_shape(noise_shape: Any) -> tuple[int | None, ...] | None:
    if noise_shape is None:
        return None
    problem = "Invalid value received for argument `noise_shape`. Expected "
    if isinstance(noise_shape, str) or not isinstance(noise_shape, Iterable):
        raise ValueError(
            f"{problem}a tuple or list of integers. Received: noise_shape={noise_shape}"
        )
    sizes = tuple(noise_shape)
    for index, size in enumerate(sizes):
        if not isinstance(size, int | None):
            raise ValueError(
                f"{problem}all elements to be integers or None. Received: {size} of "
                f"type {type(size).__name__} at index {index}"
            )
        if size is not None and size <= 0:
            raise ValueError(
                f"{problem}all dimensions to be positive integers or None. "
                f"Received: {size} at index {index}"
            )
    return sizes
