"""Separable interpolation of images, as a product with two matrices."""

from collections.abc import Callable

import keras
import numpy as np
from keras import ops

from custom_layers._types import Tensor


def enlarge(x: Tensor, factors: tuple[int, int], interpolation: str) -> Tensor:
    """Upsamples channels-last images, `y = rows @ x @ transpose(columns)`."""
    _, height, width, channels = ops.shape(x)
    rows = _weights(height, factors[0], interpolation)
    columns = _weights(width, factors[1], interpolation)
    y = ops.matmul(rows, ops.reshape(x, (-1, height, width * channels)))
    y = ops.matmul(columns, ops.reshape(y, (-1, width, channels)))
    sizes = (height * factors[0], width * factors[1])
    return ops.reshape(y, (-1, *sizes, channels))


def _weights(size: Tensor | int, factor: int, interpolation: str) -> Tensor:
    """Returns the interpolation matrix of an axis: a row for each output point.

    The output has `factor` points around each input point, at the same offsets.
    """
    kernel, reach = KERNELS[interpolation]
    offsets = (np.arange(factor) + 0.5) / factor - 0.5
    if interpolation == "bicubic" and keras.backend.backend() == "tensorflow":
        # TensorFlow's kernel, and so Keras, rounds offsets to 1024 values.
        offsets = np.rint((offsets + 1) * 1024) / 1024 - 1
    # The outermost neighbours, with weight 0, stand for all that are farther.
    neighbours = np.arange(-reach - 1, reach + 2)
    table = kernel(offsets - neighbours[:, None]).astype("float32")
    points = ops.arange(size)
    neighbour = ops.clip(points - points[:, None], -reach - 1, reach + 1) + reach + 1
    weights = ops.take(table, neighbour, axis=0)
    weights = weights / ops.sum(weights, axis=1, keepdims=True)
    weights = ops.transpose(weights, (0, 2, 1))
    return ops.reshape(weights, (size * factor, size))


def _triangle(distance: np.ndarray) -> np.ndarray:
    return np.maximum(1 - np.abs(distance), 0)


def _cubic(distance: np.ndarray) -> np.ndarray:
    """The cubic convolution kernel of Keys (1981) with a = -1/2."""
    d = np.abs(distance)
    near = (1.5 * d - 2.5) * d**2 + 1
    far = ((-0.5 * d + 2.5) * d - 4) * d + 2
    return np.where(d < 1, near, np.where(d < 2, far, 0))


def _lanczos(reach: int) -> Callable[[np.ndarray], np.ndarray]:
    def kernel(distance: np.ndarray) -> np.ndarray:
        window = np.sinc(distance / reach)
        return np.where(np.abs(distance) < reach, np.sinc(distance) * window, 0)

    return kernel


# Each with the number of neighbours in its support.
KERNELS = {
    "bilinear": (_triangle, 1),
    "bicubic": (_cubic, 2),
    "lanczos3": (_lanczos(3), 3),
    "lanczos5": (_lanczos(5), 5),
}
