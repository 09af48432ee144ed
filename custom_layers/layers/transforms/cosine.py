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
    """Writes an image as a sum of cosine waves, or sums them up again.

    `y = C_height @ x @ C_width^T` for each channel with the orthonormal
    `C_n[k, i] = sqrt((2 - [k = 0]) / n) * cos(pi * (2i + 1) * k / (2n))` of type
    II; its transpose, of type III, is the exact inverse.

    Args:
        inverse: Whether the layer turns waves into an image.

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
        """Computes the waves or the image."""
        self.compute_output_shape(inputs.shape)
        height, width, channels = inputs.shape[1:]
        rows, columns = (self._matrix(n) for n in (height, width))
        outputs = ops.reshape(inputs, (-1, height, width * channels))
        outputs = ops.reshape(ops.matmul(rows, outputs), (-1, width, channels))
        outputs = ops.matmul(columns, outputs)
        return ops.reshape(outputs, (-1, height, width, channels))

    def _matrix(self, size: int) -> Tensor:
        matrix = _cosines(size)
        return ops.cast(matrix.T if self.inverse else matrix, self.compute_dtype)

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
