"""Random translations of images."""

from typing import Any

import keras

from custom_layers._types import Seed, Tensor
from custom_layers.layers.augmentation._affine import AxiswiseLayer
from custom_layers.layers.augmentation._ranges import limits_within


@keras.saving.register_keras_serializable("custom_layers")
class RandomTranslation(AxiswiseLayer):
    r"""Translates images by random offsets in training.

    .. math::

        y_{i, j} = x_{i - H u, \, j - W v}, \qquad
        u \sim \mathcal{U}(\mathrm{height\_factor}), \quad
        v \sim \mathcal{U}(\mathrm{width\_factor})

    for images of `H x W` pixels, with one `(u, v)` for each; `y = x` at inference.
    Between pixels `x` is interpolated, outside the image it is filled.

    Args:
        height_factor: Range of the shift down, as a fraction of the height in
            [-1, 1]; a number `f` means `(-f, f)`.
        width_factor: Range of the shift to the right, as a fraction of the width.
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

    >>> layer = RandomTranslation(0.0, (0.25, 0.25), data_format="channels_last")
    >>> image = keras.ops.reshape(keras.ops.arange(4.0), (1, 4, 1))
    >>> keras.ops.convert_to_numpy(layer(image, training=True)).ravel().tolist()
    [0.0, 0.0, 1.0, 2.0]
    """

    def __init__(
        self,
        height_factor: Any,
        width_factor: Any,
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
        self.height_lower, self.height_upper = limits_within(
            "height_factor", height_factor, (-1, 1)
        )
        self.width_lower, self.width_upper = limits_within(
            "width_factor", width_factor, (-1, 1)
        )

    def get_random_transformation(
        self, data: Any, training: bool = True, seed: Any = None
    ) -> dict | None:
        """Draws the shifts of each image: to the right and down, in pixels."""
        if not training:
            return None
        shape = self.drawn_shape(data)
        drawn = (shape[0] if len(shape) == 4 else 1, 1)
        height, width = self.image_size(shape)
        down = self.uniform(drawn, (self.height_lower, self.height_upper), seed)
        right = self.uniform(drawn, (self.width_lower, self.width_upper), seed)
        down = down * self.backend.cast(height, down.dtype)
        right = right * self.backend.cast(width, right.dtype)
        translations = self.backend.numpy.concatenate([right, down], axis=1)
        return {
            "translations": self.backend.cast(translations, "float32"),
            "input_shape": shape,
        }

    def matrix(self, transformation: Any, height: Any, width: Any) -> Tensor:
        """Returns the map to the source: shifted back."""
        shifts = self.backend.cast(transformation["translations"], "float32")
        one = self.backend.numpy.ones_like(shifts[:, :1])
        return self.assembled(one, -shifts[:, :1], one, -shifts[:, 1:])

    def move_boxes(
        self, bounding_boxes: dict, transformation: Any, height: Any, width: Any
    ) -> dict:
        """Translates the boxes with the images."""
        matrix = self.matrix(transformation, height, width)
        left, top = self.get_transformed_x_y(0, 0, matrix)
        return self.get_shifted_bbox(bounding_boxes, left, top)

    def get_shifted_bbox(
        self, bounding_boxes: dict, w_shift_factor: Tensor, h_shift_factor: Tensor
    ) -> dict:
        """Returns the boxes, moved to the left and up."""
        boxes = bounding_boxes["boxes"]
        shifts = self.backend.numpy.concatenate([w_shift_factor, h_shift_factor] * 2, 1)
        # Boxes of one image have two dimensions, those of a batch three.
        shifts = shifts[:, None] if len(boxes.shape) == 3 else shifts
        return bounding_boxes | {"boxes": boxes - shifts}
