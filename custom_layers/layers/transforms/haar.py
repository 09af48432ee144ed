"""Two-dimensional Haar wavelet transform."""

from typing import Any

import keras
import numpy as np
from keras import ops

from custom_layers._types import Shape, Tensor

__all__ = ["HaarWavelet2D"]


# From the four pixels of a block, row by row, to its sub-bands. The matrix is
# symmetric and orthogonal, and so its own inverse.
_SUB_BANDS = (
    np.array([[1, 1, 1, 1], [1, 1, -1, -1], [1, -1, 1, -1], [1, -1, -1, 1]]) / 2
)


@keras.saving.register_keras_serializable("custom_layers")
class HaarWavelet2D(keras.layers.Layer):
    r"""One level of the Haar wavelet transform, or its inverse.

    .. math::

        \mathrm{approximation} &= (a + b + c + d) / 2 \\
        \mathrm{horizontal} &= (a + b - c - d) / 2 \\
        \mathrm{vertical} &= (a - b + c - d) / 2 \\
        \mathrm{diagonal} &= (a - b - c + d) / 2

    for each 2 x 2 block `[[a, b], [c, d]]` of each channel. The sub-bands are
    concatenated along the channels. The approximation, the first quarter of them,
    can be transformed again for the next level.

    Args:
        inverse: Whether to compute the inverse transform.

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
        """Computes the transform or its inverse."""
        self.compute_output_shape(tuple(inputs.shape))
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
    blocks = (batch, height // 2, 2, width // 2, 2, channels)
    points = ops.transpose(ops.reshape(image, blocks), (2, 4, 0, 1, 3, 5))
    bands = _butterfly(points)
    bands = ops.reshape(bands, (4, batch, height // 2, width // 2, channels))
    bands = ops.transpose(bands, (1, 2, 3, 0, 4))
    return ops.reshape(bands, (batch, height // 2, width // 2, 4 * channels))


def _join(bands: Tensor) -> Tensor:
    batch, height, width, channels = ops.shape(bands)
    bands = ops.reshape(bands, (batch, height, width, 4, channels // 4))
    points = _butterfly(ops.transpose(bands, (3, 0, 1, 2, 4)))
    points = ops.reshape(points, (2, 2, batch, height, width, channels // 4))
    image = ops.transpose(points, (2, 3, 0, 4, 1, 5))
    return ops.reshape(image, (batch, 2 * height, 2 * width, channels // 4))


def _butterfly(points: Tensor) -> Tensor:
    """Transforms the four pixels of all blocks, along the first axis, to sub-bands."""
    matrix = ops.cast(_SUB_BANDS, points.dtype)
    return ops.matmul(matrix, ops.reshape(points, (4, -1)))
