"""Imputation of missing values."""

from collections.abc import Iterable
from typing import Any

import keras
import numpy as np

from custom_layers import initializers
from custom_layers._types import InitializerLike, KnownShape, Shape, Tensor
from custom_layers.layers.preprocessing._features import FeatureLayer, as_list
from custom_layers.layers.preprocessing._statistics import means_of_present


@keras.saving.register_keras_serializable("custom_layers")
class MissingValues(FeatureLayer):
    r"""Imputes missing values, which are NaN.

    .. math::

        y = \begin{cases}
            \mathrm{fill} & x \text{ is NaN} \\
            x & \text{otherwise}
        \end{cases}

    With `indicator`, the missingness `isnan(x)` is appended as further features.
    The fill is given, or learned: one trainable value for each feature, initialized
    by `fill_initializer` or by `adapt` with the mean of the present values. With
    `trainable=False` it keeps this value.

    Args:
        fill: Number, or an array that broadcasts to the kept axes; `None` for a
            learned fill.
        axis: Axis or axes to keep: each position has its own fill; `None` for one
            fill.
        indicator: Whether to append missing indicators to the last axis, 1 for each
            missing value and 0 for each present one.
        fill_initializer: Initializer for a learned fill.

    Shapes:
        `(..., features)` to the same shape, or with `indicator=True` to
        `(..., 2 * features)`.

    Example:

    >>> layer = MissingValues(fill=-1.0, indicator=True)
    >>> y = layer(np.array([[2.0, np.nan]]))
    >>> keras.ops.convert_to_numpy(y).tolist()
    [[2.0, -1.0, 0.0, 1.0]]

    Reference:
        Little and Rubin, 1987, Statistical Analysis with Missing Data.
    """

    def __init__(
        self,
        fill: Any = None,
        axis: int | Iterable[int] | None = -1,
        indicator: bool = False,
        fill_initializer: InitializerLike = "zeros",
        **kwargs: Any,
    ) -> None:
        super().__init__(axis, **kwargs)
        self.input_fill = fill
        self.indicator = indicator
        self.fill_initializer = initializers.get(fill_initializer)
        self._check_given("fill")
        if fill is not None and np.any(np.isnan(np.asarray(fill, "float64"))):
            raise ValueError(f"`fill` must not be NaN itself. Received: fill={fill}")

    def _prepare(self, shape: KnownShape) -> None:
        if self.input_fill is not None:
            self._given = self._aligned(self.input_fill)
            return
        self.fill = self.add_weight(shape, self.fill_initializer, name="fill")

    def adapt(self, data: Any) -> None:
        """Initializes the learned fill with the mean of the present values.

        Args:
            data: Array or tensor, or batches of them: a `tf.data.Dataset`, a
                `keras.utils.PyDataset`, a list, a generator. Of a batch that is a
                tuple, the first element is used.
        """
        if self.input_fill is not None:
            raise ValueError(
                "A layer with a given fill cannot adapt; leave `fill` out. "
                f"Received: fill={self.input_fill}"
            )
        means = means_of_present(self._arrays(data))
        self.fill.assign(means)

    def call(self, inputs: Tensor) -> Tensor:
        """Imputes the missing inputs."""
        inputs = self.backend.cast(inputs, self.compute_dtype)
        if self.input_fill is None:
            fill = self._read(self.fill)
        else:
            constant = np.asarray(self._given, "float32")
            fill = self.backend.cast(constant, self.compute_dtype)
        missing = self.backend.numpy.isnan(inputs)
        outputs = self.backend.numpy.where(missing, fill, inputs)
        if not self.indicator:
            return outputs
        flags = self.backend.cast(missing, outputs.dtype)
        return self.backend.numpy.concatenate([outputs, flags], axis=-1)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of the inputs, with indicators twice the features."""
        *front, features = input_shape
        if self.indicator and features is not None:
            features = 2 * features
        return (*front, features)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "fill": as_list(self.input_fill),
            "indicator": self.indicator,
            "fill_initializer": initializers.serialize(self.fill_initializer),
        }
