"""Random zooms of images."""

from typing import Any

import keras

from custom_layers._types import Seed, Tensor
from custom_layers.layers.augmentation._affine import AxiswiseLayer
from custom_layers.layers.augmentation._ranges import Limits, limits_within


@keras.saving.register_keras_serializable("custom_layers")
class RandomZoom(AxiswiseLayer):
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
        self.height_lower, self.height_upper = _limits("height_factor", height_factor)
        if width_factor is not None:
            self.width_lower, self.width_upper = _limits("width_factor", width_factor)

    def get_random_transformation(
        self, data: Any, training: bool = True, seed: Any = None
    ) -> dict | None:
        """Draws the zoom factors of each image."""
        if not training:
            return None
        shape = self.drawn_shape(data)
        drawn = (shape[0] if len(shape) == 4 else 1, 1)
        limits = 1.0 + self.height_lower, 1.0 + self.height_upper
        height_zoom = width_zoom = self.uniform(drawn, limits, seed)
        if self.width_factor is not None:
            limits = 1.0 + self.width_lower, 1.0 + self.width_upper
            width_zoom = self.uniform(drawn, limits, seed)
        return {
            "height_zoom": height_zoom,
            "width_zoom": width_zoom,
            "input_shape": shape,
        }

    def matrix(self, transformation: Any, height: Any, width: Any) -> Tensor:
        """Returns the map to the source: scaled about the centre."""
        parts = []
        for name, size in (("width_zoom", width), ("height_zoom", height)):
            zoom = self.backend.cast(transformation[name], "float32")
            middle = (self.backend.cast(size, "float32") - 1.0) / 2.0
            parts += [zoom, middle * (1.0 - zoom)]
        return self.assembled(*parts)

    def move_boxes(
        self, bounding_boxes: dict, transformation: Any, height: Any, width: Any
    ) -> dict:
        """Clips the boxes to the source of the image, and enlarges that to its size."""
        numpy = self.backend.numpy
        matrix = self.matrix(transformation, height, width)
        left, top = self.get_transformed_x_y(0, 0, matrix)
        right, bottom = self.get_transformed_x_y(width, height, matrix)
        clipped = self.get_clipped_bbox(bounding_boxes, bottom, top, right, left)
        zoom = numpy.concatenate([right - left, bottom - top] * 2, axis=1)
        sizes = self.backend.cast(numpy.stack([width, height] * 2), "float32")
        return clipped | {"boxes": clipped["boxes"] * (sizes / zoom)[:, None]}

    def get_clipped_bbox(
        self,
        bounding_boxes: dict,
        h_end: Tensor,
        h_start: Tensor,
        w_end: Tensor,
        w_start: Tensor,
    ) -> dict:
        """Returns the boxes clipped to a window, from whose corner they are counted."""
        numpy, boxes = self.backend.numpy, bounding_boxes["boxes"]
        first = numpy.concatenate([w_start, h_start] * 2, axis=1)
        last = numpy.concatenate([w_end, h_end] * 2, axis=1)
        if len(boxes.shape) == 3:
            first, last = first[:, None], last[:, None]
        return bounding_boxes | {"boxes": numpy.clip(boxes, first, last) - first}


def _limits(name: str, factor: Any) -> Limits:
    return limits_within(name, factor, (-1, 1), open_below=True)
