"""Sampling with the reparameterization trick."""

from typing import Any

import keras
from keras import ops

from custom_layers._types import Shape, Tensor
from custom_layers.layers import _noise

__all__ = ["GaussianSampling"]


@keras.saving.register_keras_serializable("custom_layers")
class GaussianSampling(keras.layers.Layer):
    r"""Samples from a diagonal Gaussian by the reparameterization trick.

    .. math::

        z = \mu + e^{\frac{1}{2} \log \sigma^2} \odot \epsilon, \qquad
        \epsilon \sim \mathcal{N}(0, 1)

    in training, with gradients with respect to mean and log variance; `z` is the
    mean at inference, so that an encoder is deterministic. Call with
    `training=True` to sample at inference.

    Args:
        seed: Integer seed of the random generator.

    Shapes:
        `mean` and `log_variance` of the same shape, to that shape.

    Example:

    >>> mean, log_variance = ops.ones((10000,)), ops.full((10000,), -2.0)
    >>> z = GaussianSampling(seed=1)(mean, log_variance, training=True)
    >>> round(float(ops.mean(z)), 1), round(float(ops.log(ops.var(z))), 1)
    (1.0, -2.0)

    Reference:
        Kingma and Welling, 2014, Auto-encoding variational Bayes.
    """

    def __init__(self, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.supports_masking = True
        self._build_at_init()

    def call(
        self, mean: Tensor, log_variance: Tensor, training: bool = False
    ) -> Tensor:
        """Samples in training and returns the mean at inference."""
        self.compute_output_shape(tuple(mean.shape), tuple(log_variance.shape))
        if not training:
            return mean
        shape = ops.shape(mean)
        noise = _noise.normal(shape, self.compute_dtype, self.seed_generator)
        return mean + ops.exp(log_variance / 2) * noise

    def compute_output_shape(
        self, mean_shape: Shape, log_variance_shape: Shape
    ) -> Shape:
        """Returns the shape of the mean."""
        if len(mean_shape) != len(log_variance_shape) or any(
            None not in sizes and sizes[0] != sizes[1]
            for sizes in zip(mean_shape, log_variance_shape, strict=True)
        ):
            raise ValueError(
                "`mean` and `log_variance` must have the same shape. Received: "
                f"mean_shape={mean_shape}, log_variance_shape={log_variance_shape}"
            )
        return mean_shape

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {"seed": self.seed}
