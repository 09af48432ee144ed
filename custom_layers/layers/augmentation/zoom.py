"""Random zooms of images."""

from typing import Any

import keras

from custom_layers._types import Seed, Tensor
from custom_layers.layers.augmentation._affine import AffineLayer
from custom_layers.layers.augmentation._ranges import limits_within


@keras.saving.register_keras_serializable("custom_layers")
class RandomZoom(AffineLayer):
    r"""Zooms images in and out by random factors in training.

    .. math::

        y_{i, j} = x_{c + (1 + u) (i - c), \; d + (1 + v) (j - d)}, \qquad
        u \sim \mathcal{U}(\mathrm{height\_factor}), \quad
        v \sim \mathcal{U}(\mathrm{width\_factor})

    with the centre `(c, d)` of the image and one `(u, v)` for each image; `y = x`
    at inference. Between pixels `x` is interpolated, outside the image it is filled.

    Args:
        height_factor: Range of `u` in (-1, 1]; positive values zoom out, negative
            ones zoom in; a number `f` means `(-f, f)`.
        width_factor: Range of `v`; `None` preserves the aspect ratio.
        fill_mode: Filling outside the image: `"reflect"` mirrors it at the border,
            `"wrap"` repeats it, `"nearest"` repeats the border, `"constant"` is
            `fill_value`.
        interpolation: `"bilinear"`, or `"nearest"` for the nearest neighbour.
        seed: Integer seed of the random generator.
        fill_value: Value outside the image with `fill_mode="constant"`.
        data_format: `"channels_last"` or `"channels_first"`; `None` is Keras'
            current default.

    Shapes:
        `(batch, height, width, channels)`, or one image without the batch, to
        the same shape; integers become floats. With `"channels_first"`, the
        channels precede the height.

    Example:

    >>> layer = RandomZoom((-0.5, -0.5), data_format="channels_last")
    >>> image = keras.ops.reshape(keras.ops.arange(5.0), (1, 5, 1))
    >>> keras.ops.convert_to_numpy(layer(image, training=True)).ravel().tolist()
    [1.0, 1.5, 2.0, 2.5, 3.0]
    """

    def __init__(
        self,
        height_factor: Any,
        width_factor: Any = None,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: Seed = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            fill_mode=fill_mode,
            interpolation=interpolation,
            seed=seed,
            fill_value=fill_value,
            data_format=data_format,
            **kwargs,
        )
        self.height_factor = height_factor
        self.width_factor = width_factor
        bounds = (-1, 1)
        self.height_limits = _zoom_limits("height_factor", height_factor, bounds)
        if width_factor is not None:
            self.width_limits = _zoom_limits("width_factor", width_factor, bounds)

    def get_random_transformation(
        self, data: Any, training: bool = True, seed: Any = None
    ) -> dict | None:
        """Draws the zoom factors of each image."""
        if not training:
            return None
        shape = self.drawn_shape(data)
        drawn = (shape[0] if len(shape) == 4 else 1, 1)
        height_zoom = width_zoom = self.uniform(drawn, self.height_limits, seed)
        if self.width_factor is not None:
            width_zoom = self.uniform(drawn, self.width_limits, seed)
        return {
            "height_zoom": height_zoom,
            "width_zoom": width_zoom,
            "input_shape": shape,
        }

    def positions(
        self, transformation: Any, height: Any, width: Any
    ) -> tuple[Tensor, Tensor]:
        """Returns the source positions: scaled about the centre."""
        (vertical, top), (horizontal, left) = self._scales(
            transformation, height, width
        )
        rows, columns = self.grid(height, width)
        return vertical * rows + top, horizontal * columns + left

    def _scales(
        self, transformation: Any, height: Any, width: Any
    ) -> list[tuple[Tensor, Tensor]]:
        """Returns scale and first position of the rows and of the columns."""
        scales = []
        for name, size in (("height_zoom", height), ("width_zoom", width)):
            zoom = self.backend.cast(transformation[name], "float32")
            middle = (self.backend.cast(size, "float32") - 1.0) / 2.0
            scales.append((zoom, middle * (1.0 - zoom)))
        return scales

    def move_boxes(
        self, boxes: Tensor, transformation: Any, height: Any, width: Any
    ) -> Tensor:
        """Applies the inverse of the sampling map to the boxes."""
        numpy = self.backend.numpy
        (vertical, top), (horizontal, left) = self._scales(
            transformation, height, width
        )
        first = numpy.concatenate([left, top, left, top], axis=-1)
        zoom = numpy.concatenate([horizontal, vertical, horizontal, vertical], axis=-1)
        return (boxes - first[:, None]) / zoom[:, None]

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "height_factor": self.height_factor,
            "width_factor": self.width_factor,
        }


def _zoom_limits(name: str, factor: Any, bounds: tuple[int, int]) -> Any:
    lower, upper = limits_within(name, factor, bounds, open_below=True)
    return 1.0 + lower, 1.0 + upper
