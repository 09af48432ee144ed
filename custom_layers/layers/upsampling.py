"""Upsampling layers."""

from typing import Any

import keras
from keras import ops

from custom_layers._types import Shape, Tensor
from custom_layers.layers._interpolation import KERNELS, enlarge
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
        if self.interpolation not in ("nearest", *KERNELS):
            raise ValueError(
                "`interpolation` must be 'nearest' or one of "
                f"{', '.join(map(repr, KERNELS))}. Received: "
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
        outputs = self._enlarge(
            ops.cast(images, keras.backend.result_type(dtype, "float32"))
        )
        if keras.backend.standardize_dtype(outputs.dtype) == dtype:
            return outputs
        outputs = ops.round(outputs) if "int" in dtype else outputs
        return ops.saturate_cast(outputs, dtype)

    def _enlarge(self, images: Tensor) -> Tensor:
        height_factor, width_factor = self.size
        _, height, width, _ = ops.shape(images)
        # XLA's kernel is wrong for odd factors, and it has none for other methods.
        if (
            keras.backend.backend() == "tensorflow"
            and self.interpolation == "bilinear"
            and all(factor == 1 or factor % 2 == 0 for factor in self.size)
        ):
            larger = (height * height_factor, width * width_factor)
            return ops.image.resize(images, larger, data_format="channels_last")
        return enlarge(images, (height_factor, width_factor), self.interpolation)

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
