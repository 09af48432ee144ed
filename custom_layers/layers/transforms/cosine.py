"""Two-dimensional discrete cosine transform."""

from functools import lru_cache
from typing import Any

import keras
import numpy as np
from keras import ops

from custom_layers._types import Shape, Tensor

__all__ = ["DCT2D"]


@keras.saving.register_keras_serializable("custom_layers")
class DCT2D(keras.layers.Layer):
    r"""Orthonormal discrete cosine transform of each channel, or its inverse.

    .. math::

        y = C_H \, x \, C_W^\top, \qquad
        (C_n)_{k, i} = \sqrt{\frac{2 - [k = 0]}{n}}
            \cos \frac{\pi (2i + 1) k}{2n}

    of type II; the transposes, of type III, are the exact inverse.

    Args:
        inverse: Whether to compute the inverse transform.

    Shapes:
        `(batch, height, width, channels)` to the same shape. Height and width
        must be known.

    Example:

    >>> x = keras.random.normal((1, 4, 6, 2), seed=1)
    >>> back = DCT2D(inverse=True)(DCT2D()(x))
    >>> bool(ops.max(ops.abs(back - x)) < 1e-5)
    True

    Reference:
        Ahmed, Natarajan and Rao, 1974, Discrete cosine transform.
    """

    def __init__(self, inverse: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.inverse = inverse
        self.input_spec = keras.layers.InputSpec(ndim=4)
        self._build_at_init()

    def call(self, inputs: Tensor) -> Tensor:
        """Computes the transform or its inverse."""
        self.compute_output_shape(inputs.shape)
        height, width, channels = inputs.shape[1:]
        rows = ops.reshape(ops.transpose(inputs, (0, 3, 1, 2)), (-1, width))
        rows = ops.reshape(self._along(rows), (-1, channels, height, width))
        columns = ops.reshape(ops.transpose(rows, (0, 1, 3, 2)), (-1, height))
        columns = ops.reshape(self._along(columns), (-1, channels, width, height))
        return ops.transpose(columns, (0, 3, 2, 1))

    def _along(self, lines: Tensor) -> Tensor:
        """Transforms rows `(count, size)` by one matrix product."""
        matrix = _cosines(lines.shape[-1])
        matrix = ops.cast(matrix if self.inverse else matrix.T, self.compute_dtype)
        return ops.matmul(lines, matrix)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of the inputs."""
        if None in input_shape[1:3]:
            raise ValueError(
                "Height and width must be known: give the model an `Input` with "
                f"numbers for both. Received: input_shape={input_shape}"
            )
        return input_shape

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {"inverse": self.inverse}


@lru_cache(maxsize=64)
def _cosines(size: int) -> np.ndarray:
    waves, points = np.arange(size)[:, None], np.arange(size)
    matrix = np.cos(np.pi * (2 * points + 1) * waves / (2 * size))
    matrix *= np.sqrt(2 / size)
    matrix[0] /= np.sqrt(2)
    return matrix
