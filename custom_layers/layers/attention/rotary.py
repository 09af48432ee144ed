"""Rotary positional embedding."""

import math
from typing import Any

import keras
from keras import ops

from custom_layers import fast
from custom_layers._types import Shape, Tensor

__all__ = ["RotaryEmbedding"]


@keras.saving.register_keras_serializable("custom_layers")
class RotaryEmbedding(keras.layers.Layer):
    r"""Rotary positional embedding: rotates queries and keys by their positions.

    .. math::

        y_{t, i} &= x_{t, i} \cos \theta_{t, i} - x_{t, i + n / 2} \sin \theta_{t, i} \\
        y_{t, i + n / 2} &= x_{t, i + n / 2} \cos \theta_{t, i}
            + x_{t, i} \sin \theta_{t, i} \\
        \theta_{t, i} &= t \lambda^{-2i / n}

    for `n` features and `i < n / 2`. The product of a rotated query and a rotated key
    depends on the distance of their positions alone.

    Args:
        max_wavelength: Longest wavelength `lambda`, in units of `2 pi` steps.

    Call arguments:
        inputs: Queries or keys, with an even number of features.
        start_index: Position of the first step.
        positions: Position of each step, `(steps,)` or `(batch, steps)`, instead
            of consecutive ones.

    Shapes:
        `(batch, steps, ..., features)` to the same shape.

    Example:

    >>> y = RotaryEmbedding()(ops.ones((1, 2, 4)))
    >>> [round(float(n), 2) for n in y[0, 1]]
    [-0.3, 0.99, 1.38, 1.01]

    Reference:
        Su, Lu, Pan, Murtadha, Wen and Liu, 2021, RoFormer: enhanced transformer with
        rotary position embedding.
    """

    def __init__(self, max_wavelength: float = 10000, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if max_wavelength <= 0:
            raise ValueError(
                "`max_wavelength` must be positive. "
                f"Received: max_wavelength={max_wavelength}"
            )
        self.max_wavelength = max_wavelength
        self.supports_masking = True
        self._build_at_init()

    def call(
        self, inputs: Tensor, start_index: int = 0, positions: Tensor | None = None
    ) -> Tensor:
        """Rotates the pairs of features."""
        features = inputs.shape[-1]
        if features is None or features % 2:
            raise ValueError(
                "The number of features must be even, since pairs of them are rotated. "
                f"Received: an input of shape {tuple(inputs.shape)}"
            )
        if positions is None:
            positions = ops.arange(ops.shape(inputs)[1]) + start_index
        # In single precision: half precision cannot distinguish adjacent positions.
        angles = ops.cast(positions, "float32")[..., None] * ops.exp(
            ops.arange(features // 2, dtype="float32")
            * (-2 * math.log(self.max_wavelength) / features)
        )
        for _ in range(len(inputs.shape) - 3):  # axes between steps and features
            angles = ops.expand_dims(angles, -2)
        cosine, sine = (
            ops.cast(wave(angles), self.compute_dtype) for wave in (ops.cos, ops.sin)
        )
        return _rotated(inputs, cosine, sine)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of the inputs."""
        return input_shape

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {"max_wavelength": self.max_wavelength}


@fast.path
def _rotated(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    # Slices, not `ops.split`: XLA fuses their gradient.
    half = x.shape[-1] // 2
    first, second = x[..., :half], x[..., half:]
    rotated = first * cosine - second * sine, second * cosine + first * sine
    return ops.concatenate(rotated, axis=-1)
