"""Base class of random affine transformations."""

from typing import Any

from custom_layers._types import Tensor
from custom_layers.layers.augmentation._random import RandomImageLayer
from custom_layers.layers.augmentation._sampling import fold, sample_axes

_FILL_MODES = ("reflect", "wrap", "constant", "nearest")
_INTERPOLATIONS = ("nearest", "bilinear")


class AffineLayer(RandomImageLayer):
    """Base class of affine transformations: interpolation and filling of borders."""

    def __init__(
        self,
        *,
        fill_mode: str,
        interpolation: str,
        fill_value: float,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if fill_mode not in _FILL_MODES:
            raise NotImplementedError(
                f"`fill_mode` must be one of {_FILL_MODES}. "
                f"Received: fill_mode={fill_mode}"
            )
        if interpolation not in _INTERPOLATIONS:
            raise NotImplementedError(
                f"`interpolation` must be one of {_INTERPOLATIONS}. "
                f"Received: interpolation={interpolation}"
            )
        self.fill_mode = fill_mode
        self.interpolation = interpolation
        self.fill_value = fill_value

    def transform_images(
        self, images: Tensor, transformation: Any, training: bool = True
    ) -> Tensor:
        """Transforms the images."""
        images = self.backend.cast(images, self.compute_dtype)
        if not training or transformation is None:
            return images
        return self._moved(images, transformation, self.interpolation)

    def transform_segmentation_masks(
        self, segmentation_masks: Tensor, transformation: Any, training: bool = True
    ) -> Tensor:
        """Transforms the class of each pixel, by the nearest neighbour."""
        if not training or transformation is None:
            return segmentation_masks
        return self._moved(segmentation_masks, transformation, "nearest")

    def _moved(self, images: Tensor, transformation: Any, interpolation: str) -> Tensor:
        numpy, dtype = self.backend.numpy, images.dtype
        if interpolation == "bilinear" and "int" in str(dtype):
            images = self.backend.cast(images, "float32")
        if self.data_format == "channels_first":
            images = numpy.transpose(images, (0, 2, 3, 1))
        images = self.move(images, transformation, interpolation)
        if self.data_format == "channels_first":
            images = numpy.transpose(images, (0, 3, 1, 2))
        return self.backend.cast(images, dtype)

    def move(self, images: Tensor, transformation: Any, interpolation: str) -> Tensor:
        """Transforms a batch of channels-last images."""
        raise NotImplementedError

    def grid(self, height: Any, width: Any) -> tuple[Tensor, Tensor]:
        """Returns the indices of the rows and of the columns, as floats."""
        arange, cast = self.backend.numpy.arange, self.backend.cast
        return cast(arange(height), "float32"), cast(arange(width), "float32")

    def folded(self, positions: Tensor, size: Any) -> Tensor:
        """Maps positions into the image, unless a constant fills the outside."""
        if self.fill_mode == "constant":
            return positions
        return fold(self.backend, positions, size, self.fill_mode)

    @property
    def outside(self) -> float | None:
        """The fill value outside the image; `None` if no position is outside."""
        return self.fill_value if self.fill_mode == "constant" else None

    def get_config(self) -> dict:
        """Returns the shared arguments of the constructor."""
        return super().get_config() | {
            "fill_mode": self.fill_mode,
            "interpolation": self.interpolation,
            "fill_value": self.fill_value,
        }


class AxiswiseLayer(AffineLayer):
    """Base class of affine transformations that do not mix rows and columns."""

    height_factor: Any
    width_factor: Any

    def matrix(self, transformation: Any, height: Any, width: Any) -> Tensor:
        """Returns the map from output to source column and row."""
        raise NotImplementedError

    def move(self, images: Tensor, transformation: Any, interpolation: str) -> Tensor:
        """Transforms a batch of channels-last images."""
        height, width = self.backend.core.shape(images)[1:3]
        matrix = self.matrix(transformation, height, width)
        rows, columns = self.grid(height, width)
        return sample_axes(
            self.backend,
            images,
            self.folded(matrix[:, 4:5] * rows + matrix[:, 5:6], height),
            self.folded(matrix[:, :1] * columns + matrix[:, 2:3], width),
            interpolation,
            self.outside,
        )

    def assembled(
        self, horizontal: Tensor, left: Tensor, vertical: Tensor, top: Tensor
    ) -> Tensor:
        """Returns the matrix of scales and offsets, each `(batch, 1)`."""
        zero = self.backend.numpy.zeros_like(left)
        entries = [horizontal, zero, left, zero, vertical, top, zero, zero]
        return self.backend.numpy.concatenate(entries, axis=1)

    def get_transformed_x_y(
        self, x: Any, y: Any, transform: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Returns the source of a point, by the projective transform."""
        return projected(self.backend.numpy, x, y, transform, axis=-1)

    def get_config(self) -> dict:
        """Returns the shared arguments of the constructor."""
        return super().get_config() | {
            "height_factor": self.height_factor,
            "width_factor": self.width_factor,
        }


def projected(
    numpy: Any, x: Any, y: Any, matrix: Tensor, axis: int
) -> tuple[Tensor, Tensor]:
    """Returns the source of points by TensorFlow's projective transform.

    The eight parameters along the axis: coefficients of column and row and the offset
    for the column, those for the row, and the coefficients of the divisor.
    """
    a, b, c, d, e, f, g, h = numpy.split(matrix, 8, axis=axis)
    k = g * x + h * y + 1
    return (a * x + b * y + c) / k, (d * x + e * y + f) / k
