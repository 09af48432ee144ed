"""Positional encodings, to be added to the features of a sequence."""

import math
from typing import Any

import keras
from keras import ops

from custom_layers import initializers
from custom_layers._types import InitializerLike, Shape, Tensor
from custom_layers.layers.attention._arguments import check_size

__all__ = ["PositionEmbedding", "SinePositionEncoding"]


@keras.saving.register_keras_serializable("custom_layers")
class SinePositionEncoding(keras.layers.Layer):
    r"""Sinusoidal positional encoding.

    .. math::

        y_{t, 2i} = \sin \frac{t}{\lambda^{2i / n}}, \qquad
        y_{t, 2i + 1} = \cos \frac{t}{\lambda^{2i / n}}

    for `n` features. The layer returns the encoding only:
    `x + SinePositionEncoding()(x)`.

    Args:
        max_wavelength: Longest wavelength `lambda`, in units of `2 pi` steps.

    Call arguments:
        inputs: Sequence with the shape and dtype of the encoding.
        start_index: Position of the first step.
        positions: Position of each step, `(steps,)` or `(batch, steps)`, instead
            of consecutive ones.

    Shapes:
        `(batch, ..., steps, features)` to the same shape.

    Example:

    >>> y = SinePositionEncoding()(ops.zeros((1, 2, 4)))
    >>> [round(float(n), 4) for n in y[0, 1]]
    [0.8415, 0.5403, 0.01, 0.9999]

    Reference:
        Vaswani et al., 2017, Attention is all you need.
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
        """Computes the encoding."""
        shape, features = ops.shape(inputs), inputs.shape[-1]
        if positions is None:
            positions = ops.arange(shape[-2]) + start_index
        # In single precision: half precision cannot distinguish adjacent positions.
        steps = ops.cast(positions, "float32")[..., None]
        pairs = (features + 1) // 2
        exponents = ops.arange(pairs, dtype="float32") * (
            -2 * math.log(self.max_wavelength) / features
        )
        angles = steps * ops.exp(exponents)
        waves = ops.stack([ops.sin(angles), ops.cos(angles)], axis=-1)
        waves = ops.reshape(waves, (*ops.shape(angles)[:-1], 2 * pairs))
        waves = ops.cast(waves[..., :features], self.compute_dtype)
        return ops.broadcast_to(waves, shape)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of the inputs."""
        return input_shape

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {"max_wavelength": self.max_wavelength}


@keras.saving.register_keras_serializable("custom_layers")
class PositionEmbedding(keras.layers.Layer):
    r"""Learned positional embedding.

    .. math::

        y_t = E_{\mathrm{start\_index} + t}

    with the embedding matrix `E`. The layer returns the embedding only:
    `x + PositionEmbedding(100)(x)`.

    Args:
        sequence_length: Maximum sequence length.
        initializer: Initializer for the embeddings `(sequence_length, features)`.

    Call arguments:
        inputs: Sequence with the shape of the embedding.
        start_index: Position of the first step.
        positions: Position of each step, `(steps,)` or `(batch, steps)`, instead
            of consecutive ones.

    Shapes:
        `(batch, ..., steps, features)` to the same shape.

    Example:

    >>> tuple(PositionEmbedding(10)(ops.zeros((2, 3, 4))).shape)
    (2, 3, 4)

    Reference:
        Gehring et al., 2017, Convolutional sequence to sequence learning.
    """

    def __init__(
        self,
        sequence_length: int,
        initializer: InitializerLike = "glorot_uniform",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_size("sequence_length", sequence_length)
        self.sequence_length = sequence_length
        self.initializer = initializers.get(initializer)
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        """Creates the embeddings."""
        self.position_embeddings = self.add_weight(
            (self.sequence_length, input_shape[-1]),
            self.initializer,
            name="embeddings",
        )

    def call(
        self, inputs: Tensor, start_index: int = 0, positions: Tensor | None = None
    ) -> Tensor:
        """Looks the embeddings up."""
        shape = ops.shape(inputs)
        if positions is not None:
            positions = ops.cast(positions, "int32")
            rows = ops.take(self.position_embeddings, positions, axis=0)
        else:
            self._check_length(shape[-2], start_index)
            rows = ops.slice(
                ops.convert_to_tensor(self.position_embeddings),
                (start_index, 0),
                shape[-2:],
            )
        return ops.broadcast_to(rows, shape)

    def _check_length(self, steps: Any, start_index: Any) -> None:
        """Raises a `ValueError` where sizes are static; else the slice fails."""
        if not isinstance(steps, int) or not isinstance(start_index, int):
            return
        if start_index + steps > self.sequence_length:
            raise ValueError(
                "The sequence is longer than `sequence_length`, the number of "
                f"positions that have an embedding: {self.sequence_length}. Shorten "
                "it or make the layer with a larger number. "
                f"Received: {steps} steps, start_index={start_index}"
            )

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of the inputs."""
        return input_shape

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "sequence_length": self.sequence_length,
            "initializer": initializers.serialize(self.initializer),
        }
