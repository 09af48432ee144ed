"""Spatial dropout: dropout of whole feature maps."""

import keras
from keras import ops

from custom_layers._types import Tensor
from custom_layers.layers._windows import image_data_format
from custom_layers.layers.regularization import Dropout

__all__ = ["SpatialDropout1D", "SpatialDropout2D"]


class _SpatialDropout(Dropout):
    """Base class of dropout with one mask for all positions."""

    rank: int
    data_format: str

    def __init__(
        self,
        rate: float,
        seed: int | None = None,
        name: str | None = None,
        dtype: str | keras.DTypePolicy | None = None,
    ) -> None:
        super().__init__(rate, seed=seed, name=name, dtype=dtype)
        self.input_spec = keras.layers.InputSpec(ndim=self.rank + 2)

    def _mask_shape(self, inputs: Tensor) -> tuple:
        batch, *sizes = ops.shape(inputs)
        ones = (1,) * self.rank
        if self.data_format == "channels_last":
            return (batch, *ones, sizes[-1])
        return (batch, sizes[0], *ones)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        config = super().get_config()
        return {name: config[name] for name in ("rate", "seed", "name", "dtype")}


@keras.saving.register_keras_serializable("custom_layers")
class SpatialDropout1D(_SpatialDropout):
    r"""Drops whole channels of sequences in training and scales up the others.

    .. math::

        y_{t, c} = \frac{x_{t, c} \, m_c}{1 - p}, \qquad
        m_c \sim \mathrm{Bernoulli}(1 - p)

    in training with dropout rate `p`, one mask for each sequence; `y = x` at
    inference. Adjacent steps are correlated, so that dropping single ones would
    remove little information.

    Args:
        rate: Dropout rate `p`: fraction of the channels to drop, in [0, 1].
        seed: Integer seed of the random generator.
        name: Name of the layer.
        dtype: Dtype, or policy of dtypes, of the layer.

    Shapes:
        `(batch, time, channels)` to the same shape.

    Example:

    >>> y = SpatialDropout1D(0.5, seed=1)(ops.ones((1, 3, 50)), training=True)
    >>> sorted(set(ops.convert_to_numpy(ops.sum(y, axis=1)).ravel().tolist()))
    [0.0, 6.0]

    Reference:
        Tompson et al., 2015, Efficient object localization using convolutional
        networks.
    """

    rank = 1
    data_format = "channels_last"


@keras.saving.register_keras_serializable("custom_layers")
class SpatialDropout2D(_SpatialDropout):
    r"""Drops whole channels of images in training and scales up the others.

    .. math::

        y_{i, j, c} = \frac{x_{i, j, c} \, m_c}{1 - p}, \qquad
        m_c \sim \mathrm{Bernoulli}(1 - p)

    in training with dropout rate `p`, one mask for each image; `y = x` at
    inference. Adjacent pixels are correlated, so that dropping single ones would
    remove little information.

    Args:
        rate: Dropout rate `p`: fraction of the channels to drop, in [0, 1].
        data_format: `"channels_last"`, `"channels_first"` or `None` for Keras'
            default.
        seed: Integer seed of the random generator.
        name: Name of the layer.
        dtype: Dtype, or policy of dtypes, of the layer.

    Shapes:
        `(batch, height, width, channels)` to the same shape. With
        `channels_first`, the channels follow the batch.

    Example:

    >>> y = SpatialDropout2D(0.5, seed=1)(ops.ones((1, 3, 2, 50)), training=True)
    >>> sorted(set(ops.convert_to_numpy(ops.sum(y, axis=(1, 2))).ravel().tolist()))
    [0.0, 12.0]

    Reference:
        Tompson et al., 2015, Efficient object localization using convolutional
        networks.
    """

    rank = 2

    def __init__(
        self,
        rate: float,
        data_format: str | None = None,
        seed: int | None = None,
        name: str | None = None,
        dtype: str | keras.DTypePolicy | None = None,
    ) -> None:
        super().__init__(rate, seed=seed, name=name, dtype=dtype)
        self.data_format = image_data_format(data_format)

    def drop(self, inputs: Tensor, keep: Tensor) -> Tensor:
        """Applies the mask by broadcasting along one dimension, which is faster."""
        sizes, kept = ops.shape(inputs), ops.shape(keep)
        if self.data_format == "channels_last":
            positions = (sizes[0], sizes[1] * sizes[2], sizes[3])
            kept = (kept[0], 1, kept[3])
        else:
            positions = (sizes[0], sizes[1], sizes[2] * sizes[3])
            kept = (kept[0], kept[1], 1)
        outputs = super().drop(ops.reshape(inputs, positions), ops.reshape(keep, kept))
        return ops.reshape(outputs, sizes)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {"data_format": self.data_format}
