"""Global pooling."""

from typing import Any

import keras
from keras import ops

from custom_layers import fast
from custom_layers._types import Shape, Tensor
from custom_layers.layers._windows import image_data_format, join_shape, split_shape

__all__ = [
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalAvgPool1D",
    "GlobalAvgPool2D",
    "GlobalMaxPool1D",
    "GlobalMaxPool2D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
]


class _GlobalPooling(keras.layers.Layer):
    """Base class of global pooling over `rank` spatial dimensions."""

    rank: int

    def __init__(
        self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.data_format = image_data_format(data_format)
        self.keepdims = keepdims
        self.input_spec = keras.layers.InputSpec(ndim=self.rank + 2)
        first = 1 if self.data_format == "channels_last" else 2
        self.axes = tuple(range(first, first + self.rank))
        self._build_at_init()

    def mean(self, inputs: Tensor) -> Tensor:
        """Computes the mean over all positions."""
        return ops.mean(inputs, axis=self.axes, keepdims=self.keepdims)

    @fast.path
    def max(self, inputs: Tensor) -> Tensor:
        """Computes the maximum of all positions."""
        return ops.max(inputs, axis=self.axes, keepdims=self.keepdims)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of the outputs."""
        _, channels = split_shape(input_shape, self.data_format)
        ones = (1,) * self.rank if self.keepdims else ()
        return join_shape(input_shape[0], ones, channels, self.data_format)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "data_format": self.data_format,
            "keepdims": self.keepdims,
        }


@keras.saving.register_keras_serializable("custom_layers")
class GlobalAveragePooling1D(_GlobalPooling):
    r"""Global average pooling over time.

    .. math::

        y_c = \frac{1}{T} \sum_t x_{t, c}

    over the `T` steps that the mask keeps; all steps without a mask.

    Args:
        data_format: `"channels_last"`, `"channels_first"` or `None` for Keras'
            default.
        keepdims: Whether to keep the time axis, with size 1.

    Shapes:
        `(batch, time, channels)` to `(batch, channels)`, or with `keepdims` to
        `(batch, 1, channels)`. With `channels_first`, the channels follow the
        batch. Mask: `(batch, time)`.

    Example:

    >>> x = ops.array([[[1.0], [2.0], [6.0]]])
    >>> float(GlobalAveragePooling1D()(x)[0, 0])
    3.0
    >>> float(GlobalAveragePooling1D()(x, mask=ops.array([[True, True, False]]))[0, 0])
    1.5

    Reference:
        Lin, Chen and Yan, 2014, Network in network.
    """

    rank = 1

    def __init__(
        self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(data_format, keepdims, **kwargs)
        self.supports_masking = True

    def call(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        """Computes the means."""
        if mask is None:
            return self.mean(inputs)
        channels_axis = -1 if self.data_format == "channels_last" else 1
        kept = ops.expand_dims(ops.cast(mask, "bool"), channels_axis)
        options = {"axis": self.axes, "keepdims": self.keepdims}
        total = ops.sum(ops.where(kept, inputs, 0), **options)
        return total / ops.sum(ops.cast(kept, inputs.dtype), **options)

    def compute_mask(self, inputs: Tensor, mask: Tensor | None = None) -> None:
        """Returns no mask: the output has no time axis."""


@keras.saving.register_keras_serializable("custom_layers")
class GlobalAveragePooling2D(_GlobalPooling):
    r"""Global average pooling over images.

    .. math::

        y_c = \frac{1}{H W} \sum_{i, j} x_{i, j, c}

    Args:
        data_format: `"channels_last"`, `"channels_first"` or `None` for Keras'
            default.
        keepdims: Whether to keep height and width, with size 1.

    Shapes:
        `(batch, height, width, channels)` to `(batch, channels)`, or with
        `keepdims` to `(batch, 1, 1, channels)`. With `channels_first`, the channels
        follow the batch.

    Example:

    >>> x = ops.reshape(ops.arange(16.0), (1, 4, 4, 1))
    >>> float(GlobalAveragePooling2D()(x)[0, 0])
    7.5

    Reference:
        Lin, Chen and Yan, 2014, Network in network.
    """

    rank = 2

    def call(self, inputs: Tensor) -> Tensor:
        """Computes the means."""
        return self.mean(inputs)


@keras.saving.register_keras_serializable("custom_layers")
class GlobalMaxPooling1D(_GlobalPooling):
    r"""Global max pooling over time.

    .. math::

        y_c = \max_t x_{t, c}

    Args:
        data_format: `"channels_last"`, `"channels_first"` or `None` for Keras'
            default.
        keepdims: Whether to keep the time axis, with size 1.

    Shapes:
        `(batch, time, channels)` to `(batch, channels)`, or with `keepdims` to
        `(batch, 1, channels)`. With `channels_first`, the channels follow the
        batch.

    Example:

    >>> float(GlobalMaxPooling1D()(ops.array([[[1.0], [6.0], [2.0]]]))[0, 0])
    6.0

    Reference:
        Collobert et al., 2011, Natural language processing (almost) from scratch.
    """

    rank = 1

    def call(self, inputs: Tensor) -> Tensor:
        """Computes the maxima."""
        return self.max(inputs)


@keras.saving.register_keras_serializable("custom_layers")
class GlobalMaxPooling2D(_GlobalPooling):
    r"""Global max pooling over images.

    .. math::

        y_c = \max_{i, j} x_{i, j, c}

    Args:
        data_format: `"channels_last"`, `"channels_first"` or `None` for Keras'
            default.
        keepdims: Whether to keep height and width, with size 1.

    Shapes:
        `(batch, height, width, channels)` to `(batch, channels)`, or with
        `keepdims` to `(batch, 1, 1, channels)`. With `channels_first`, the channels
        follow the batch.

    Example:

    >>> x = ops.reshape(ops.arange(16.0), (1, 4, 4, 1))
    >>> float(GlobalMaxPooling2D()(x)[0, 0])
    15.0

    Reference:
        Oquab, Bottou, Laptev and Sivic, 2015, Is object localization for free?
    """

    rank = 2

    def call(self, inputs: Tensor) -> Tensor:
        """Computes the maxima."""
        return self.max(inputs)


GlobalAvgPool1D = GlobalAveragePooling1D
GlobalAvgPool2D = GlobalAveragePooling2D
GlobalMaxPool1D = GlobalMaxPooling1D
GlobalMaxPool2D = GlobalMaxPooling2D
