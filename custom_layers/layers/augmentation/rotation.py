"""Random rotations of images."""

import math
from typing import Any

import keras

from custom_layers._types import Seed, Tensor
from custom_layers.layers.augmentation._affine import AffineLayer, projected
from custom_layers.layers.augmentation._ranges import limits_touching
from custom_layers.layers.augmentation._sampling import sample


@keras.saving.register_keras_serializable("custom_layers")
class RandomRotation(AffineLayer):
    r"""Rotates images about their centre by random angles in training.

    .. math::

        y_{c + u, \, d + v} = x_{c + u \cos \alpha + v \sin \alpha, \;
            d + v \cos \alpha - u \sin \alpha}, \qquad
        \alpha \sim 2 \pi \, \mathcal{U}(\mathrm{factor})

    with the centre `(c, d)` of the image and one angle for each image; `y = x` at
    inference. Between pixels `x` is interpolated, outside the image it is filled.

    Args:
        factor: Range of the angle as a fraction of a full turn, within [-1, 1];
            positive angles rotate counter-clockwise; a number `f` means `(-f, f)`.
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

    >>> layer = RandomRotation((0.5, 0.5), data_format="channels_last")
    >>> image = keras.ops.reshape(keras.ops.arange(4.0), (2, 2, 1))
    >>> y = keras.ops.convert_to_numpy(layer(image, training=True))
    >>> y.round(3).ravel().tolist()
    [3.0, 2.0, 1.0, 0.0]
    """

    def __init__(
        self,
        factor: Any,
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
        self.factor = limits_touching("factor", factor or 0.0, (-1, 1))

    def get_random_transformation(
        self, data: Any, training: bool = True, seed: Any = None
    ) -> dict | None:
        """Draws the angle of each image, in degrees."""
        if not training:
            return None
        shape = self.drawn_shape(data)
        drawn = (shape[0] if len(shape) == 4 else 1,)
        lower, upper = self.factor
        angle = self.uniform(drawn, (lower * 360.0, upper * 360.0), seed)
        height, width = self.image_size(shape)
        return {
            "angle": angle,
            "rotation_matrix": self._matrix(angle, height, width),
            "image_height": height,
            "image_width": width,
            "batch_size": drawn[0],
            "input_shape": shape,
        }

    def _matrix(self, angle: Tensor, height: Any, width: Any) -> Tensor:
        """Returns the map from output to source column and row."""
        numpy, cast = self.backend.numpy, self.backend.cast
        radians = angle * math.pi / 180.0
        cos, sin = numpy.cos(radians), numpy.sin(radians)
        x = 0.5 * (cast(width, angle.dtype) - 1)
        y = 0.5 * (cast(height, angle.dtype) - 1)
        zero = numpy.zeros_like(angle)
        entries = [
            *(cos, -sin, x - x * cos + y * sin),
            *(sin, cos, y - x * sin - y * cos),
            *(zero, zero),
        ]
        return numpy.stack(entries, axis=-1)

    def move(self, images: Tensor, transformation: Any, interpolation: str) -> Tensor:
        """Rotates a batch of images."""
        numpy = self.backend.numpy
        matrix = numpy.reshape(transformation["rotation_matrix"], (-1, 8))
        matrix = self.backend.cast(matrix, "float32")
        height, width = self.backend.core.shape(images)[1:3]
        rows, columns = self.grid(height, width)
        x, y = projected(numpy, columns, rows[:, None], matrix[..., None], axis=1)
        return sample(
            self.backend,
            images,
            self.folded(y, height),
            self.folded(x, width),
            interpolation,
            self.outside,
        )

    def move_boxes(
        self, bounding_boxes: dict, transformation: Any, height: Any, width: Any
    ) -> dict:
        """Rotates the corners of the boxes and returns their bounding boxes."""
        none = self.backend.numpy.zeros_like(transformation["angle"])
        boxes = keras.utils.bounding_boxes.affine_transform(
            bounding_boxes["boxes"],
            angle=transformation["angle"],
            translate_x=none,
            translate_y=none,
            scale=none + 1.0,
            shear_x=none,
            shear_y=none,
            height=height,
            width=width,
        )
        return bounding_boxes | {"boxes": boxes}

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {"factor": self.factor}
