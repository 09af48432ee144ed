"""Upsampling layers."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from custom_layers import fast
from custom_layers._types import Shape, Tensor
from custom_layers.layers._windows import (
    image_data_format,
    join_shape,
    per_dimension,
    split_shape,
)

__all__ = ["UpSampling2D"]


@keras.saving.register_keras_serializable("custom_layers")
class UpSampling2D(keras.layers.Layer):
    r"""Upsamples images by integer factors.

    .. math::

        y_{p, q, c} = x_{\lfloor p / f \rfloor, \, \lfloor q / g \rfloor, \, c}

    for `"nearest"` with factors `f` and `g`; a weighted mean of the pixels around
    `((p + 1/2) / f - 1/2, (q + 1/2) / g - 1/2)` for the other interpolations.

    Args:
        size: Factors `f` of the height and `g` of the width; one integer for both.
        data_format: `"channels_last"`, `"channels_first"` or `None` for Keras'
            default.
        interpolation: `"nearest"`, `"bilinear"`, `"bicubic"`, `"lanczos3"` or
            `"lanczos5"`.

    Shapes:
        `(batch, height, width, channels)` to
        `(batch, height * height_factor, width * width_factor, channels)`. With
        `channels_first`, the channels follow the batch.

    Example:

    >>> x = ops.reshape(ops.array([1.0, 2.0]), (1, 1, 2, 1))
    >>> ops.convert_to_numpy(UpSampling2D()(x))[0, :, :, 0].tolist()
    [[1.0, 1.0, 2.0, 2.0], [1.0, 1.0, 2.0, 2.0]]

    Reference:
        Keys, 1981, Cubic convolution interpolation for digital image processing.
    """

    def __init__(
        self,
        size: int | tuple[int, int] = (2, 2),
        data_format: str | None = None,
        interpolation: str = "nearest",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.data_format = image_data_format(data_format)
        self.size = per_dimension(size, 2, "size")
        self.interpolation = interpolation.lower()
        if self.interpolation not in ("nearest", *_KERNELS):
            raise ValueError(
                "`interpolation` must be 'nearest' or one of "
                f"{', '.join(map(repr, _KERNELS))}. Received: "
                f"interpolation={interpolation}"
            )
        self.input_spec = keras.layers.InputSpec(ndim=4)

    def call(self, inputs: Tensor) -> Tensor:
        """Computes the upsampled images."""
        if self.interpolation == "nearest":
            first = 1 if self.data_format == "channels_last" else 2
            rows = ops.repeat(inputs, self.size[0], axis=first)
            return ops.repeat(rows, self.size[1], axis=first + 1)
        if self.data_format == "channels_last":
            return self._interpolate(inputs)
        outputs = self._interpolate(ops.transpose(inputs, (0, 2, 3, 1)))
        return ops.transpose(outputs, (0, 3, 1, 2))

    def _interpolate(self, images: Tensor) -> Tensor:
        """Interpolates in single precision or better, and casts back."""
        dtype = keras.backend.standardize_dtype(images.dtype)
        images = ops.cast(images, keras.backend.result_type(dtype, "float32"))
        outputs = _enlarge(images, self.size, self.interpolation)
        if keras.backend.standardize_dtype(outputs.dtype) == dtype:
            return outputs
        outputs = ops.round(outputs) if "int" in dtype else outputs
        return ops.saturate_cast(outputs, dtype)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of the upsampled images."""
        sizes, channels = split_shape(input_shape, self.data_format)
        larger = tuple(
            None if size is None else size * factor
            for size, factor in zip(sizes, self.size, strict=True)
        )
        return join_shape(input_shape[0], larger, channels, self.data_format)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "size": self.size,
            "data_format": self.data_format,
            "interpolation": self.interpolation,
        }


@fast.path
def _enlarge(images: Tensor, factors: tuple[int, ...], interpolation: str) -> Tensor:
    """Upsamples channels-last images, `y = rows @ x @ transpose(columns)`."""
    _, height, width, channels = ops.shape(images)
    rows = _weights(height, factors[0], interpolation)
    columns = _weights(width, factors[1], interpolation)
    y = ops.matmul(rows, ops.reshape(images, (-1, height, width * channels)))
    y = ops.matmul(columns, ops.reshape(y, (-1, width, channels)))
    sizes = (height * factors[0], width * factors[1])
    return ops.reshape(y, (-1, *sizes, channels))


def _weights(size: Tensor | int, factor: int, interpolation: str) -> Tensor:
    """Returns the interpolation matrix of an axis: a row for each output point.

    The output has `factor` points around each input point, at the same offsets.
    """
    kernel, reach = _KERNELS[interpolation]
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
_KERNELS = {
    "bilinear": (_triangle, 1),
    "bicubic": (_cubic, 2),
    "lanczos3": (_lanczos(3), 3),
    "lanczos5": (_lanczos(5), 5),
}
