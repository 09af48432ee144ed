"""Random contrast of images."""

from collections.abc import Sequence
from typing import Any

import keras

from custom_layers._types import Seed, Tensor
from custom_layers.layers.augmentation._random import RandomImageLayer
from custom_layers.layers.augmentation._ranges import limits_touching


@keras.saving.register_keras_serializable("custom_layers")
class RandomContrast(RandomImageLayer):
    r"""Changes the contrast of images by random factors in training.

    .. math::

        y = \mathrm{clip}(\mu + f (x - \mu)), \qquad
        f \sim \mathcal{U}(1 - \mathrm{lower}, 1 + \mathrm{upper})

    with the mean `mu` of a channel of an image, and one factor `f` for each image;
    `y = x` at inference.

    Args:
        factor: The pair `(lower, upper)`, in [0, 1]; a number `u` means `(0, u)`,
            as in Keras: the contrast only increases.
        value_range: Range of the pixels, to which they are clipped.
        seed: Integer seed of the random generator.

    Shapes:
        `(batch, height, width, channels)`, or one image without the batch, to
        the same shape; integers become floats in training. With
        `data_format="channels_first"`, the channels precede the height.

    Example:

    >>> layer = RandomContrast((0, 1), value_range=(0, 10), data_format="channels_last")
    >>> image = keras.ops.reshape(keras.ops.array([1.0, 4.0, 7.0]), (1, 1, 3, 1))
    >>> y = layer.transform_images(image, {"contrast_factor": 1.5})
    >>> keras.ops.convert_to_numpy(y).ravel().tolist()
    [0.0, 4.0, 8.5]
    """

    def __init__(
        self,
        factor: Any,
        value_range: Sequence[float] = (0, 255),
        seed: Seed = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, **kwargs)
        self.factor = limits_touching("factor", factor, (0, 1))
        self.value_range = value_range

    def get_random_transformation(
        self, data: Any, training: bool = True, seed: Any = None
    ) -> dict | None:
        """Draws the contrast factor of each image."""
        if not training:
            return None
        shape = self.drawn_shape(data)
        drawn = (shape[0], 1, 1, 1) if len(shape) == 4 else (1, 1, 1)
        limits = (1.0 - self.factor[0], 1.0 + self.factor[1])
        drawn_factor = self.uniform(drawn, limits, seed, self.compute_dtype)
        return {"contrast_factor": drawn_factor}

    def transform_images(
        self, images: Tensor, transformation: Any, training: bool = True
    ) -> Tensor:
        """Changes the contrast."""
        if not training or transformation is None:
            return images
        images = self.backend.cast(images, self.compute_dtype)
        factor = self.backend.cast(transformation["contrast_factor"], images.dtype)
        axes = (-2, -1) if self.data_format == "channels_first" else (-3, -2)
        mean = self.backend.numpy.mean(images, axis=axes, keepdims=True)
        # The formula with fewer passes over the pixels.
        outputs = images * factor + mean * (1 - factor)
        return self.backend.numpy.clip(outputs, *self.value_range)

    def transform_segmentation_masks(
        self, segmentation_masks: Tensor, transformation: Any, training: bool = True
    ) -> Tensor:
        """Returns the masks unchanged."""
        return segmentation_masks

    def transform_bounding_boxes(
        self, bounding_boxes: dict, transformation: Any, training: bool = True
    ) -> dict:
        """Returns the boxes unchanged."""
        return bounding_boxes

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "factor": self.factor,
            "value_range": self.value_range,
        }
