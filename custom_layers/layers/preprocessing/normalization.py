"""Feature-wise normalization."""

from collections.abc import Iterable
from typing import Any

import keras
import numpy as np

from custom_layers._types import KnownShape, Tensor
from custom_layers.layers.preprocessing._features import FeatureLayer, as_list
from custom_layers.layers.preprocessing._statistics import moments


@keras.saving.register_keras_serializable("custom_layers")
class Normalization(FeatureLayer):
    r"""Normalizes each feature to mean 0 and variance 1.

    .. math::

        y = \frac{x - \mu}{\max(\sigma, \epsilon)}

    with Keras' epsilon, or its inverse. Mean and variance are given, or `adapt`
    computes them before training.

    Args:
        axis: Axis or axes to keep: each position has its own mean and variance;
            `None` for one of each over all axes.
        mean: Mean `mu`, a number or an array that broadcasts to the kept axes.
        variance: Variance `sigma^2`; required with `mean`.
        invert: Whether to compute the inverse.

    Shapes:
        Any shape to the same shape.

    Example:

    >>> layer = Normalization()
    >>> layer.adapt(np.array([[0.0, 10.0], [2.0, 30.0]]))
    >>> keras.ops.convert_to_numpy(layer(np.array([[2.0, 20.0]]))).tolist()
    [[1.0, 0.0]]

    Reference:
        LeCun, Bottou, Orr and Mueller, 1998, Efficient BackProp, section 4.3.
    """

    def __init__(
        self,
        axis: int | Iterable[int] | None = -1,
        mean: Any = None,
        variance: Any = None,
        invert: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(axis, **kwargs)
        self.input_mean = mean
        self.input_variance = variance
        self.invert = invert
        self._check_given("mean", "variance")

    def _prepare(self, shape: KnownShape) -> None:
        if self.input_mean is not None:
            self._given = (
                self._aligned(self.input_mean),
                self._aligned(self.input_variance),
            )
            return
        self.adapt_mean = self.add_weight(shape, "zeros", name="mean", trainable=False)
        self.adapt_variance = self.add_weight(
            shape, "ones", name="variance", trainable=False
        )
        # Always zero; it keeps the list of weights equal to Keras'.
        self.count = self.add_weight(
            (), "zeros", name="count", dtype="int", trainable=False
        )

    def adapt(self, data: Any) -> None:
        """Computes mean and variance of data and stores them as weights.

        Args:
            data: Array or tensor, or batches of them: a `tf.data.Dataset`, a
                `keras.utils.PyDataset`, a list, a generator. Of a batch that is a
                tuple, the first element is used.
        """
        if self.input_mean is not None:
            raise ValueError(
                "A layer with given statistics cannot adapt; leave `mean` and "
                f"`variance` out. Received: mean={self.input_mean}"
            )
        mean, variance = moments(self._arrays(data))
        self.adapt_mean.assign(mean)
        self.adapt_variance.assign(variance)

    @property
    def mean(self) -> Tensor | None:
        """The mean in a shape that broadcasts to the inputs; `None` before `build`."""
        return self._statistic(0)

    @property
    def variance(self) -> Tensor | None:
        """The variance, likewise."""
        return self._statistic(1)

    def _statistic(self, index: int) -> Tensor | None:
        if self._build_input_shape is None:
            return None
        if self.input_mean is None:
            value = (self.adapt_mean, self.adapt_variance)[index]
            value = keras.ops.reshape(value, self._broadcast_shape)
        else:
            value = self._given[index]
        return keras.ops.cast(value, self.compute_dtype)

    def call(self, inputs: Tensor) -> Tensor:
        """Normalizes the inputs."""
        inputs = self.backend.cast(inputs, self.compute_dtype)
        mean, deviation = self._mean_and_deviation()
        if self.invert:
            return inputs * deviation + mean
        # Subtract first: exact for large values with small deviations.
        return (inputs - mean) * (1 / deviation)

    def _mean_and_deviation(self) -> tuple[Tensor, Tensor]:
        """Returns mean and standard deviation, adapted or given."""
        numpy, cast = self.backend.numpy, self.backend.cast
        if self.input_mean is None:
            mean, variance = (
                self._read(self.adapt_mean),
                self._read(self.adapt_variance),
            )
        else:
            mean, variance = (
                self.convert_weight(np.asarray(x, "float32")) for x in self._given
            )
        deviation = numpy.maximum(numpy.sqrt(variance), keras.config.epsilon())
        return cast(mean, self.compute_dtype), cast(deviation, self.compute_dtype)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "invert": self.invert,
            "mean": as_list(self.input_mean),
            "variance": as_list(self.input_variance),
        }
