"""Min-max scaling."""

from collections.abc import Iterable, Sequence
from typing import Any

import keras
import numpy as np

from custom_layers._types import KnownShape, Tensor
from custom_layers.layers.preprocessing._features import FeatureLayer, as_list
from custom_layers.layers.preprocessing._statistics import extremes


@keras.saving.register_keras_serializable("custom_layers")
class MinMaxScaling(FeatureLayer):
    r"""Scales each feature to a range.

    .. math::

        y = a + (b - a) \frac{x - x_{\min}}{x_{\max} - x_{\min}}

    with `feature_range` `(a, b)`, or its inverse. A constant feature, with equal
    minimum and maximum, becomes `a`.

    Minimum and maximum are given, or `adapt` computes them before training. Values
    beyond them fall outside the range.

    Args:
        axis: Axis or axes to keep: each position has its own minimum and maximum;
            `None` for one of each over all axes.
        minimum: Minimum, a number or an array that broadcasts to the kept axes.
        maximum: Maximum; required with `minimum`.
        feature_range: The range `(a, b)`.
        invert: Whether to compute the inverse.

    Shapes:
        Any shape to the same shape.

    Example:

    >>> layer = MinMaxScaling(feature_range=(-1, 1))
    >>> layer.adapt(np.array([[0.0, 10.0], [2.0, 30.0]]))
    >>> keras.ops.convert_to_numpy(layer(np.array([[1.0, 30.0]]))).tolist()
    [[0.0, 1.0]]
    """

    def __init__(
        self,
        axis: int | Iterable[int] | None = -1,
        minimum: Any = None,
        maximum: Any = None,
        feature_range: Sequence[float] = (0, 1),
        invert: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(axis, **kwargs)
        if len(feature_range) != 2 or not feature_range[0] < feature_range[1]:
            raise ValueError(
                "`feature_range` must be a pair of numbers, the smaller one first. "
                f"Received: feature_range={feature_range}"
            )
        self.input_minimum = minimum
        self.input_maximum = maximum
        self.feature_range = tuple(feature_range)
        self.invert = invert
        self._check_given("minimum", "maximum")
        if minimum is not None and np.any(np.asarray(minimum) > np.asarray(maximum)):
            raise ValueError(
                "`minimum` must nowhere be above `maximum`. "
                f"Received: minimum={minimum} and maximum={maximum}"
            )

    def _prepare(self, shape: KnownShape) -> None:
        if self.input_minimum is not None:
            self._given = (
                self._aligned(self.input_minimum),
                self._aligned(self.input_maximum),
            )
            return
        self.minimum = self.add_weight(shape, "zeros", name="minimum", trainable=False)
        self.maximum = self.add_weight(shape, "ones", name="maximum", trainable=False)

    def adapt(self, data: Any) -> None:
        """Computes minimum and maximum of data, NaN excluded, and stores them.

        Args:
            data: Array or tensor, or batches of them: a `tf.data.Dataset`, a
                `keras.utils.PyDataset`, a list, a generator. Of a batch that is a
                tuple, the first element is used.
        """
        if self.input_minimum is not None:
            raise ValueError(
                "A layer with given statistics cannot adapt; leave `minimum` and "
                f"`maximum` out. Received: minimum={self.input_minimum}"
            )
        minimum, maximum = extremes(self._arrays(data))
        self.minimum.assign(minimum)
        self.maximum.assign(maximum)

    def call(self, inputs: Tensor) -> Tensor:
        """Scales the inputs."""
        inputs = self.backend.cast(inputs, self.compute_dtype)
        minimum, maximum = self._extremes()
        low, high = self.feature_range
        span = maximum - minimum
        span = self.backend.numpy.where(
            span == 0, self.backend.cast(1, span.dtype), span
        )
        if self.invert:
            return (inputs - low if low else inputs) * (span / (high - low)) + minimum
        # Subtract first: exact for large values in a small range.
        outputs = (inputs - minimum) * ((high - low) / span)
        return outputs + low if low else outputs

    def _extremes(self) -> tuple[Tensor, Tensor]:
        if self.input_minimum is None:
            return self._read(self.minimum), self._read(self.maximum)
        minimum, maximum = (
            self.backend.cast(np.asarray(value, "float32"), self.compute_dtype)
            for value in self._given
        )
        return minimum, maximum

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "minimum": as_list(self.input_minimum),
            "maximum": as_list(self.input_maximum),
            "feature_range": self.feature_range,
            "invert": self.invert,
        }
