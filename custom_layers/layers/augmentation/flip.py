"""Random flips of images."""

from typing import Any

import keras

from custom_layers import fast
from custom_layers._types import Seed, Tensor
from custom_layers.layers.augmentation._random import RandomImageLayer

_MODES = ("horizontal", "vertical", "horizontal_and_vertical")


@keras.saving.register_keras_serializable("custom_layers")
class RandomFlip(RandomImageLayer):
    r"""Flips images at random in training.

    .. math::

        y_{i, j} &= x_{i, \, W - 1 - j} \quad \text{(horizontal)} \\
        y_{i, j} &= x_{H - 1 - i, \, j} \quad \text{(vertical)}

    with probability 1/2 for each image; otherwise, and at inference, `y = x`.

    Args:
        mode: `"horizontal"` (left-right), `"vertical"` (top-bottom) or
            `"horizontal_and_vertical"` (both at once).
        seed: Integer seed of the random generator.
        data_format: `"channels_last"` or `"channels_first"`; `None` is Keras'
            current default.

    Shapes:
        `(batch, height, width, channels)`, or one image without the batch, to
        the same shape; integers become floats. With `"channels_first"`, the
        channels precede the height.

    Example:

    >>> layer = RandomFlip("horizontal", data_format="channels_last")
    >>> image = keras.ops.reshape(keras.ops.arange(3.0), (1, 3, 1))
    >>> flipped = layer.transform_images(image[None], {"flips": [[[[True]]]]})
    >>> keras.ops.convert_to_numpy(flipped).ravel().tolist()
    [2.0, 1.0, 0.0]
    """

    def __init__(
        self,
        mode: str = "horizontal_and_vertical",
        seed: Seed = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        if mode not in _MODES:
            raise ValueError(f"`mode` must be one of {_MODES}. Received: mode={mode}")
        self.mode = mode

    def get_random_transformation(
        self, data: Any, training: bool = True, seed: Any = None
    ) -> dict | None:
        """Draws which images are flipped."""
        if not training:
            return None
        shape = self.drawn_shape(data)
        drawn = (shape[0], 1, 1, 1) if len(shape) == 4 else (1, 1, 1)
        flips = self.uniform(drawn, (0.0, 1.0), seed) <= 0.5
        return {"flips": flips, "input_shape": shape}

    def transform_images(
        self, images: Tensor, transformation: Any, training: bool = True
    ) -> Tensor:
        """Flips the chosen images."""
        images = self.backend.cast(images, self.compute_dtype)
        if not training or transformation is None:
            return images
        height, width = (2, 3) if self.data_format == "channels_first" else (1, 2)
        axes = {"horizontal": (width,), "vertical": (height,)}
        axes = axes.get(self.mode, (height, width))
        flips = self.backend.convert_to_tensor(transformation["flips"])
        return self._flip(images, flips, axes)

    @fast.path
    def _flip(self, images: Tensor, flips: Tensor, axes: tuple[int, ...]) -> Tensor:
        flipped = self.backend.numpy.flip(images, axes)
        return self.backend.numpy.where(flips, flipped, images)

    def transform_segmentation_masks(
        self, segmentation_masks: Tensor, transformation: Any, training: bool = True
    ) -> Tensor:
        """Flips the masks of the chosen images."""
        return self.transform_images(segmentation_masks, transformation, training)

    def move_boxes(
        self, bounding_boxes: dict, transformation: Any, height: Any, width: Any
    ) -> dict:
        """Flips the boxes of the chosen images."""
        numpy, boxes = self.backend.numpy, bounding_boxes["boxes"]
        left, top, right, bottom = numpy.split(boxes, 4, axis=-1)
        if self.mode != "vertical":
            size = self.backend.cast(width, boxes.dtype)
            left, right = size - right, size - left
        if self.mode != "horizontal":
            size = self.backend.cast(height, boxes.dtype)
            top, bottom = size - bottom, size - top
        flipped = numpy.concatenate([left, top, right, bottom], axis=-1)
        flips = self.backend.convert_to_tensor(transformation["flips"])
        flips = numpy.squeeze(flips, axis=-1)
        return bounding_boxes | {"boxes": numpy.where(flips, flipped, boxes)}

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {"mode": self.mode}
