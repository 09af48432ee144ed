"""Random masks of spectrograms."""

from typing import Any

import keras
from keras import ops

from custom_layers._types import Seed, Shape, Tensor

__all__ = ["SpecAugment"]


@keras.saving.register_keras_serializable("custom_layers")
class SpecAugment(keras.layers.Layer):
    r"""Hides random stretches of time and bands of frequency in training.

    .. math::

        y_{t, f} = x_{t, f} \cdot [\, t \notin [t_0, t_0 + \tau) \,]
            \cdot [\, f \notin [f_0, f_0 + \phi) \,]

    .. math::

        \tau \sim \mathcal{U}(0, T u), \quad
        t_0 \sim \mathcal{U}(0, T - \tau), \qquad
        \phi \sim \mathcal{U}(0, F v), \quad
        f_0 \sim \mathcal{U}(0, F - \phi)

    for :math:`T` frames and :math:`F` bands, with `u = time_factor` and
    `v = frequency_factor`, drawn anew for each mask of each spectrogram; `y = x` at
    inference. Spectrograms should have a mean of 0, which a mask puts in their place.

    Args:
        time_factor: Longest mask in time, as a fraction of the frames.
        frequency_factor: Widest mask in frequency, as a fraction of the bands.
        masks: Number of masks of each kind.
        seed: Integer seed of the random generator.

    Shapes:
        `(batch, frames, bands, channels)` to the same shape.

    Example:

    >>> layer = SpecAugment(0.0, 0.5, seed=1)
    >>> y = layer(ops.ones((1, 2, 8, 1)), training=True)[0, :, :, 0]
    >>> bool(ops.all(y[0] == y[1])), 4 <= float(ops.sum(y[0])) <= 8
    (True, True)

    Reference:
        Park et al., 2019, SpecAugment: a simple data augmentation method for automatic
        speech recognition.
    """

    def __init__(
        self,
        time_factor: float = 0.2,
        frequency_factor: float = 0.2,
        masks: int = 1,
        seed: Seed = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        for name, value in (
            ("time_factor", time_factor),
            ("frequency_factor", frequency_factor),
        ):
            if not 0 <= value <= 1:
                raise ValueError(
                    f"`{name}` must be between 0 and 1. Received: {name}={value}"
                )
        if masks < 0:
            raise ValueError(f"`masks` must be 0 or more. Received: masks={masks}")
        self.time_factor = time_factor
        self.frequency_factor = frequency_factor
        self.masks = masks
        self.seed = seed
        self.generator = keras.random.SeedGenerator(seed)
        self.supports_masking = True
        self.input_spec = keras.layers.InputSpec(ndim=4)
        self._build_at_init()

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        """Masks the spectrograms."""
        if not training:
            return inputs
        batch, frames, bands, _ = ops.shape(inputs)
        for _ in range(self.masks):
            shown = self._shown(batch, frames, self.time_factor)
            inputs = inputs * ops.cast(shown[:, :, None, None], inputs.dtype)
            shown = self._shown(batch, bands, self.frequency_factor)
            inputs = inputs * ops.cast(shown[:, None, :, None], inputs.dtype)
        return inputs

    def _shown(self, batch: Any, size: Any, factor: float) -> Tensor:
        """Returns which places of each sample are outside a random interval."""
        drawn = keras.random.uniform(
            (2, batch, 1), dtype="float32", seed=self.generator
        )
        total = ops.cast(size, "float32")
        length = total * factor * drawn[0]
        start = (total - length) * drawn[1]
        places = ops.cast(ops.arange(size), "float32")
        return ops.logical_or(places < start, places >= start + length)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of the inputs."""
        return input_shape

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "time_factor": self.time_factor,
            "frequency_factor": self.frequency_factor,
            "masks": self.masks,
            "seed": self.seed,
        }
