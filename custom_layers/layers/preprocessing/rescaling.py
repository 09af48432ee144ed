"""Rescaling by constants."""

from typing import Any

import keras

from custom_layers._types import Shape, Tensor
from custom_layers.layers._data import NumbersLayer


@keras.saving.register_keras_serializable("custom_layers")
class Rescaling(NumbersLayer):
    r"""Rescales the inputs by a constant scale and offset.

    .. math::

        y = \mathrm{scale} \cdot x + \mathrm{offset}

    Args:
        scale: Scale, a number or an array along the last axis.
        offset: Offset, a number or an array along the last axis.

    Shapes:
        Any shape to the same shape; integers become floats.

    Example:

    >>> layer = Rescaling(1 / 4, offset=-1)
    >>> [float(y) for y in layer(keras.ops.array([0, 2, 4]))]
    [-1.0, -0.5, 0.0]
    """

    def __init__(self, scale: Any, offset: Any = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale = scale
        self.offset = offset
        self.supports_masking = True

    def call(self, inputs: Tensor) -> Tensor:
        """Computes the scaled inputs."""
        cast = self.backend.cast
        scale = cast(self.scale, self.compute_dtype)
        outputs = cast(inputs, self.compute_dtype) * self._along_channels(scale)
        if isinstance(self.offset, int | float) and self.offset == 0:
            return outputs
        return outputs + cast(self.offset, self.compute_dtype)

    def _along_channels(self, scale: Tensor) -> Tensor:
        """Adds trailing dimensions to a scale for channels-first inputs."""
        rank = len(scale.shape)
        if rank == 0 or keras.config.image_data_format() == "channels_last":
            return scale
        return self.backend.numpy.reshape(scale, tuple(scale.shape) + (1,) * (3 - rank))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of the inputs."""
        return input_shape

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "scale": keras.saving.serialize_keras_object(self.scale),
            "offset": keras.saving.serialize_keras_object(self.offset),
        }

    @classmethod
    def from_config(
        cls, config: dict, custom_objects: dict | None = None
    ) -> "Rescaling":
        """Creates a layer from its configuration."""
        arrays = {
            name: keras.saving.deserialize_keras_object(config[name], custom_objects)
            for name in ("scale", "offset")
        }
        return cls(**config | arrays)
