"""Layers through which a model takes raw measurements."""

from collections.abc import Iterable
from typing import Any

import keras
import numpy as np
from keras import ops

from custom_layers._types import KnownShape, Shape, Tensor, is_known
from custom_layers.layers._moments import moments, shape_and_batches

__all__ = ["Normalization", "Rescaling"]


class _Preprocessing(keras.layers.Layer):
    """A layer that also takes plain numbers and lists of them."""

    def __call__(self, inputs: Any, **kwargs: Any) -> Tensor:
        if isinstance(inputs, int | float | list | tuple):
            inputs = np.asarray(inputs)
        return super().__call__(inputs, **kwargs)


@keras.saving.register_keras_serializable("custom_layers")
class Rescaling(_Preprocessing):
    """Multiplies by one number and adds another.

    `y = x * scale + offset`

    Args:
        scale: Factor, a number or an array along the last axis.
        offset: Term, a number or an array along the last axis.

    Shapes:
        Any shape to the same shape; integers become floats.

    Example:

    >>> [float(y) for y in Rescaling(1 / 4, offset=-1)(ops.array([0, 2, 4]))]
    [-1.0, -0.5, 0.0]
    """

    def __init__(self, scale: Any, offset: Any = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale = scale
        self.offset = offset
        self.supports_masking = True

    def call(self, inputs: Tensor) -> Tensor:
        """Computes the scaled inputs."""
        scale = ops.cast(self.scale, self.compute_dtype)
        offset = ops.cast(self.offset, self.compute_dtype)
        if scale.shape and keras.config.image_data_format() == "channels_first":
            scale = ops.reshape(
                scale, tuple(scale.shape) + (1,) * (3 - ops.ndim(scale))
            )
        return ops.cast(inputs, self.compute_dtype) * scale + offset

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
        """Makes the layer that `get_config` described."""
        arrays = {
            name: keras.saving.deserialize_keras_object(config[name], custom_objects)
            for name in ("scale", "offset")
        }
        return cls(**config | arrays)


@keras.saving.register_keras_serializable("custom_layers")
class Normalization(_Preprocessing):
    """Gives each feature mean 0 and variance 1.

    `y = (x - mean) / max(sqrt(variance), epsilon)`; inverted
    `y = x * max(sqrt(variance), epsilon) + mean`, where epsilon is Keras'.

    Mean and variance are given, or `adapt` measures them before training.

    Args:
        axis: Axis or axes whose positions each have a mean and a variance of
            their own; `None` for one of each for all numbers.
        mean: Mean, a number or an array that broadcasts to the kept axes.
        variance: Variance, given exactly if `mean` is.
        invert: Whether to turn normalized numbers back into raw ones.

    Shapes:
        Any shape to the same shape.

    Example:

    >>> layer = Normalization()
    >>> layer.adapt(np.array([[0.0, 10.0], [2.0, 30.0]]))
    >>> ops.convert_to_numpy(layer(np.array([[2.0, 20.0]]))).tolist()
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
        super().__init__(**kwargs)
        self.axis = _as_tuple(axis)
        self.input_mean = mean
        self.input_variance = variance
        self.invert = invert
        self.supports_masking = True
        self._build_input_shape = None
        self._check_given_statistics()

    def _check_given_statistics(self) -> None:
        mean, variance = self.input_mean, self.input_variance
        if (mean is None) != (variance is None):
            raise ValueError(
                "To give the statistics, both `mean` and `variance` must be set. "
                f"Received: mean={mean} and variance={variance}"
            )
        if np.shape(mean) != np.shape(variance):
            raise ValueError(
                "`mean` and `variance` must have the same shape. Received: shapes "
                f"{np.shape(mean)} and {np.shape(variance)}"
            )
        if np.ndim(mean) > len(self.axis):
            raise ValueError(
                "`mean` and `variance` must have at most one dimension for each of "
                f"the kept axes {self.axis}. Received: shape {np.shape(mean)}"
            )

    def build(self, input_shape: Shape | None) -> None:
        """Makes the weights for the sizes of the kept axes."""
        if input_shape is None:
            return
        input_shape = tuple(input_shape)
        rank = len(input_shape)
        if any(not -rank <= axis < rank for axis in self.axis):
            raise ValueError(
                "All `axis` values must be in the range [-rank, rank) of the input. "
                f"Received: axis={self.axis} and input_shape={input_shape}"
            )
        kept = sorted(axis % rank for axis in self.axis)
        kept_shape = tuple(input_shape[axis] for axis in kept)
        if not is_known(kept_shape):
            raise ValueError(
                "All `axis` values to be kept must have a known size. "
                f"Received: axis={self.axis} and input_shape={input_shape}"
            )
        self._build_input_shape = input_shape
        self._kept_axes = tuple(kept)
        sizes = dict(zip(kept, kept_shape, strict=True))
        self._statistics_shape = tuple(sizes.get(axis, 1) for axis in range(rank))
        if self.input_mean is None:
            self._add_statistics(kept_shape)
        else:
            self._given = (
                self._aligned(self.input_mean),
                self._aligned(self.input_variance),
            )

    def _add_statistics(self, shape: KnownShape) -> None:
        self.adapt_mean = self.add_weight(shape, "zeros", name="mean", trainable=False)
        self.adapt_variance = self.add_weight(
            shape, "ones", name="variance", trainable=False
        )
        # Always zero; it keeps the list of weights equal to the namesake's.
        self.count = self.add_weight(
            (), "zeros", name="count", dtype="int", trainable=False
        )

    def _aligned(self, given: Any) -> np.ndarray:
        """Puts the dimensions of a given statistic on the kept axes, from the right."""
        given = ops.convert_to_numpy(given)
        shape = [1] * len(self._statistics_shape)
        for axis, size in zip(self._kept_axes[::-1], given.shape[::-1], strict=False):
            shape[axis] = size
        return np.broadcast_to(given.reshape(shape), self._statistics_shape)

    def adapt(self, data: Any) -> None:
        """Measures mean and variance of data and stores them as weights.

        Args:
            data: Array or tensor, or batches of them: a `tf.data.Dataset`, a
                `keras.utils.PyDataset`, a list, a generator. Where a batch is a
                tuple, its first element counts.
        """
        if self.input_mean is not None:
            raise ValueError(
                "A layer with given statistics cannot adapt; leave `mean` and "
                f"`variance` out. Received: mean={self.input_mean}"
            )
        input_shape, batches = shape_and_batches(data)
        if self._build_input_shape is None:
            self.build(input_shape)
        else:
            input_shape = self._build_input_shape
        mean, variance = moments(batches, self._kept_axes, input_shape)
        self.adapt_mean.assign(mean)
        self.adapt_variance.assign(variance)

    def finalize_state(self) -> None:
        """Does nothing: `call` reads the weights as they are."""

    @property
    def mean(self) -> Tensor | None:
        """The mean in a shape that broadcasts to the inputs; `None` before `build`."""
        return None if self._build_input_shape is None else self._statistics()[0]

    @property
    def variance(self) -> Tensor | None:
        """The variance, likewise."""
        return None if self._build_input_shape is None else self._statistics()[1]

    def _statistics(self) -> tuple[Tensor, Tensor]:
        if self.input_mean is None:
            weights = self.adapt_mean, self.adapt_variance
            values = (ops.reshape(w, self._statistics_shape) for w in weights)
        else:
            values = self._given
        mean, variance = (ops.cast(value, self.compute_dtype) for value in values)
        return mean, variance

    def call(self, inputs: Tensor) -> Tensor:
        """Normalizes the inputs."""
        inputs = ops.cast(inputs, self.compute_dtype)
        mean, variance = self._statistics()
        deviation = ops.maximum(ops.sqrt(variance), keras.config.epsilon())
        if self.invert:
            return inputs * deviation + mean
        return (inputs - mean) / deviation

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of the inputs."""
        return input_shape

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "axis": self.axis,
            "invert": self.invert,
            "mean": _as_list(self.input_mean),
            "variance": _as_list(self.input_variance),
        }

    def get_build_config(self) -> dict | None:
        """Returns what `build_from_config` needs."""
        if self._build_input_shape is None:
            return None
        return {"input_shape": self._build_input_shape}

    def build_from_config(self, config: dict | None) -> None:
        """Makes the weights before their values are loaded."""
        if config:
            self.build(config["input_shape"])


def _as_tuple(axis: int | Iterable[int] | None) -> tuple[int, ...]:
    if axis is None:
        return ()
    return (axis,) if isinstance(axis, int) else tuple(axis)


def _as_list(value: Any) -> Any:
    return None if value is None else ops.convert_to_numpy(value).tolist()
