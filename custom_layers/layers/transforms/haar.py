"""Two-dimensional Haar wavelet transform."""

from typing import Any

import keras
from keras import ops

from custom_layers._types import Shape, Tensor

__all__ = ["HaarWavelet2D"]


@keras.saving.register_keras_serializable("custom_layers")
class HaarWavelet2D(keras.layers.Layer):
    """Splits an image into a coarse one and its details, or joins them again.

    Of each 2 x 2 block `[[a, b], [c, d]]`, and for each channel:
    `approximation = (a + b + c + d) / 2`, `horizontal = (a + b - c - d) / 2`,
    `vertical = (a - b + c - d) / 2`, `diagonal = (a - b - c + d) / 2`.

    The sub-bands stand one after the other in the channels. The approximation,
    the first quarter of them, can be split again.

    Args:
        inverse: Whether the layer joins sub-bands into an image.

    Shapes:
        `(batch, height, width, channels)` to
        `(batch, height / 2, width / 2, 4 * channels)`, or back if `inverse`.
        Height and width must be even.

    Example:

    >>> x = ops.reshape(ops.array([1.0, 2.0, 3.0, 4.0]), (1, 2, 2, 1))
    >>> [float(y) for y in HaarWavelet2D()(x)[0, 0, 0]]
    [5.0, -2.0, -1.0, 0.0]

    Reference:
        Mallat, 1989, A theory for multiresolution signal decomposition: the
        wavelet representation.
    """

    def __init__(self, inverse: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.inverse = inverse
        self.input_spec = keras.layers.InputSpec(ndim=4)
        self._build_at_init()

    def call(self, inputs: Tensor) -> Tensor:
        """Computes the sub-bands or the image."""
        self.compute_output_shape(inputs.shape)
        return _join(inputs) if self.inverse else _split(inputs)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of the sub-bands or of the image."""
        batch, height, width, channels = input_shape
        if self.inverse:
            if channels is None or channels % 4:
                raise ValueError(
                    "The number of channels must be a multiple of four, one part "
                    f"for each sub-band. Received: input_shape={input_shape}"
                )
            sizes = (None if n is None else 2 * n for n in (height, width))
            return (batch, *sizes, channels // 4)
        if any(n is not None and n % 2 for n in (height, width)):
            raise ValueError(
                "Height and width must be even: pad or crop the image by one. "
                f"Received: input_shape={input_shape}"
            )
        sizes = (None if n is None else n // 2 for n in (height, width))
        return (batch, *sizes, None if channels is None else 4 * channels)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {"inverse": self.inverse}


def _split(image: Tensor) -> Tensor:
    batch, height, width, channels = ops.shape(image)
    blocks = ops.reshape(image, (batch, height // 2, 2, width // 2, 2, channels))
    sums, differences = _butterfly(blocks[:, :, 0], blocks[:, :, 1])
    bands = [
        *_butterfly(sums[:, :, :, 0], sums[:, :, :, 1]),
        *_butterfly(differences[:, :, :, 0], differences[:, :, :, 1]),
    ]
    return ops.concatenate([bands[i] for i in (0, 2, 1, 3)], axis=-1) / 2


def _join(bands: Tensor) -> Tensor:
    batch, height, width, channels = ops.shape(bands)
    a, h, v, d = ops.split(bands / 2, 4, axis=-1)
    sums = ops.stack(_butterfly(a, v), axis=3)
    differences = ops.stack(_butterfly(h, d), axis=3)
    blocks = ops.stack(_butterfly(sums, differences), axis=2)
    return ops.reshape(blocks, (batch, 2 * height, 2 * width, channels // 4))


def _butterfly(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    return x + y, x - y
