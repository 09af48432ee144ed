"""Pooling layers."""

from typing import Any

import keras
from keras import ops

from custom_layers import fast
from custom_layers._types import Shape, Tensor
from custom_layers.layers._windows import (
    image_data_format,
    join_shape,
    per_dimension,
    split_shape,
    window_padding,
    window_positions,
)

__all__ = [
    "AveragePooling1D",
    "AveragePooling2D",
    "AvgPool1D",
    "AvgPool2D",
    "MaxPool1D",
    "MaxPool2D",
    "MaxPooling1D",
    "MaxPooling2D",
]


@fast.path
def average_pool(
    inputs: Tensor,
    pool_size: tuple[int, ...],
    *,
    strides: tuple[int, ...],
    padding: str,
    data_format: str,
) -> Tensor:
    """Computes the mean of each window; what lies beyond the border counts nothing."""
    return ops.average_pool(
        inputs, pool_size, strides=strides, padding=padding, data_format=data_format
    )


class _Pooling(keras.layers.Layer):
    """Base class of pooling over `rank` spatial dimensions."""

    rank: int
    pool_mode: str

    def __init__(
        self,
        pool_size: int | tuple[int, ...],
        strides: int | tuple[int, ...] | None = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.pool_size = per_dimension(pool_size, self.rank, "pool_size")
        strides = pool_size if strides is None else strides
        self.strides = per_dimension(strides, self.rank, "strides")
        self.padding = window_padding(padding)
        self.data_format = image_data_format(data_format)
        self.input_spec = keras.layers.InputSpec(ndim=self.rank + 2)
        self._build_at_init()

    def call(self, inputs: Tensor) -> Tensor:
        """Computes the maximum or the mean of each window."""
        pool = ops.max_pool if self.pool_mode == "max" else average_pool
        return pool(
            inputs,
            self.pool_size,
            strides=self.strides,
            padding=self.padding,
            data_format=self.data_format,
        )

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of the outputs."""
        sizes, channels = split_shape(input_shape, self.data_format)
        positions = window_positions(sizes, self.pool_size, self.strides, self.padding)
        return join_shape(input_shape[0], positions, channels, self.data_format)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "pool_size": self.pool_size,
            "strides": self.strides,
            "padding": self.padding,
            "data_format": self.data_format,
        }


class _MaxPooling(_Pooling):
    """Base class of max pooling."""

    pool_mode = "max"


class _AveragePooling(_Pooling):
    """Base class of average pooling."""

    pool_mode = "average"


@keras.saving.register_keras_serializable("custom_layers")
class MaxPooling1D(_MaxPooling):
    r"""Max pooling over time.

    .. math::

        y_{t, c} = \max_{0 \le u < P} x_{ts + u, \, c}

    with pool size `P` and strides `s`.

    Args:
        pool_size: Length of the pooling window.
        strides: Strides of the window; `None` for the pool size.
        padding: `"valid"` for no padding, `"same"` for padding to
            `ceil(size / stride)` outputs, which is never the maximum.
        data_format: `"channels_last"`, `"channels_first"` or `None` for Keras'
            default.
        name: Name of the layer.

    Shapes:
        `(batch, time, channels)` to `(batch, new_time, channels)`, where the new
        time is `floor((time - window) / stride) + 1` for `"valid"` and
        `ceil(time / stride)` for `"same"`. With `channels_first`, the channels
        follow the batch.

    Example:

    >>> x = ops.array([[[1.0], [4.0], [3.0], [2.0]]])
    >>> ops.convert_to_numpy(MaxPooling1D(2)(x)).ravel().tolist()
    [4.0, 3.0]

    Reference:
        Ranzato et al., 2007, Unsupervised learning of invariant feature
        hierarchies with applications to object recognition.
    """

    rank = 1

    def __init__(
        self,
        pool_size: int | tuple[int] = 2,
        strides: int | tuple[int] | None = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(pool_size, strides, padding, data_format, name=name, **kwargs)


@keras.saving.register_keras_serializable("custom_layers")
class MaxPooling2D(_MaxPooling):
    r"""Max pooling over images.

    .. math::

        y_{i, j, c} = \max_{0 \le u < P, \; 0 \le v < Q} x_{is + u, \, js + v, \, c}

    with pool size `(P, Q)` and strides `s`.

    Args:
        pool_size: Height and width of the pooling window; one integer for both.
        strides: Strides of the window; `None` for the pool size.
        padding: `"valid"` for no padding, `"same"` for padding to
            `ceil(size / stride)` outputs, which is never the maximum.
        data_format: `"channels_last"`, `"channels_first"` or `None` for Keras'
            default.
        name: Name of the layer.

    Shapes:
        `(batch, height, width, channels)` to
        `(batch, new_height, new_width, channels)`, where a new size is
        `floor((size - window) / stride) + 1` for `"valid"` and
        `ceil(size / stride)` for `"same"`. With `channels_first`, the channels
        follow the batch.

    Example:

    >>> x = ops.reshape(ops.arange(16.0), (1, 4, 4, 1))
    >>> ops.convert_to_numpy(ops.reshape(MaxPooling2D(2)(x), (-1,))).tolist()
    [5.0, 7.0, 13.0, 15.0]

    Reference:
        Ranzato et al., 2007, Unsupervised learning of invariant feature
        hierarchies with applications to object recognition.
    """

    rank = 2

    def __init__(
        self,
        pool_size: int | tuple[int, int] = (2, 2),
        strides: int | tuple[int, int] | None = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(pool_size, strides, padding, data_format, name=name, **kwargs)


@keras.saving.register_keras_serializable("custom_layers")
class AveragePooling1D(_AveragePooling):
    r"""Average pooling over time.

    .. math::

        y_{t, c} = \frac{1}{P} \sum_{u = 0}^{P - 1} x_{ts + u, \, c}

    with pool size `P` and strides `s`.

    Args:
        pool_size: Length of the pooling window.
        strides: Strides of the window; `None` for the pool size.
        padding: `"valid"` for no padding, `"same"` for padding to
            `ceil(size / stride)` outputs, which is excluded from the mean.
        data_format: `"channels_last"`, `"channels_first"` or `None` for Keras'
            default.
        name: Name of the layer.

    Shapes:
        `(batch, time, channels)` to `(batch, new_time, channels)`, where the new
        time is `floor((time - window) / stride) + 1` for `"valid"` and
        `ceil(time / stride)` for `"same"`. With `channels_first`, the channels
        follow the batch.

    Example:

    >>> x = ops.array([[[1.0], [4.0], [3.0], [2.0]]])
    >>> ops.convert_to_numpy(AveragePooling1D(2)(x)).ravel().tolist()
    [2.5, 2.5]

    Reference:
        LeCun et al., 1990, Handwritten digit recognition with a
        back-propagation network.
    """

    rank = 1


@keras.saving.register_keras_serializable("custom_layers")
class AveragePooling2D(_AveragePooling):
    r"""Average pooling over images.

    .. math::

        y_{i, j, c} = \frac{1}{P Q} \sum_{u = 0}^{P - 1} \sum_{v = 0}^{Q - 1}
            x_{is + u, \, js + v, \, c}

    with pool size `(P, Q)` and strides `s`.

    Args:
        pool_size: Height and width of the pooling window; one integer for both.
        strides: Strides of the window; `None` for the pool size.
        padding: `"valid"` for no padding, `"same"` for padding to
            `ceil(size / stride)` outputs, which is excluded from the mean.
        data_format: `"channels_last"`, `"channels_first"` or `None` for Keras'
            default.
        name: Name of the layer.

    Shapes:
        `(batch, height, width, channels)` to
        `(batch, new_height, new_width, channels)`, where a new size is
        `floor((size - window) / stride) + 1` for `"valid"` and
        `ceil(size / stride)` for `"same"`. With `channels_first`, the channels
        follow the batch.

    Example:

    >>> x = ops.reshape(ops.arange(16.0), (1, 4, 4, 1))
    >>> ops.convert_to_numpy(ops.reshape(AveragePooling2D(2)(x), (-1,))).tolist()
    [2.5, 4.5, 10.5, 12.5]

    Reference:
        LeCun et al., 1990, Handwritten digit recognition with a
        back-propagation network.
    """

    rank = 2


AvgPool1D = AveragePooling1D
AvgPool2D = AveragePooling2D
MaxPool1D = MaxPooling1D
MaxPool2D = MaxPooling2D
