"""Initializers of weights, by name or as objects."""

import math
import random
from typing import Any

import keras
from keras import ops

from custom_layers._types import InitializerLike, KnownShape, Seed, Tensor

__all__ = [
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Ones",
    "Zeros",
    "deserialize",
    "get",
    "serialize",
]

# Standard deviation of a standard normal variable cut off at -2 and 2.
_TRUNCATED_STDDEV = math.sqrt(
    1 - 4 * math.exp(-2) / math.sqrt(2 * math.pi) / math.erf(math.sqrt(2))
)


@keras.saving.register_keras_serializable("custom_layers")
class Zeros(keras.initializers.Initializer):
    """Starts every weight at zero.

    `w = 0`

    Example:

    >>> [float(w) for w in Zeros()((2,))]
    [0.0, 0.0]
    """

    def __call__(self, shape: KnownShape, dtype: str | None = None) -> Tensor:
        """Makes a tensor of this shape and dtype."""
        return ops.zeros(shape, dtype=dtype or keras.config.floatx())


@keras.saving.register_keras_serializable("custom_layers")
class Ones(keras.initializers.Initializer):
    """Starts every weight at one.

    `w = 1`

    Example:

    >>> [float(w) for w in Ones()((2,))]
    [1.0, 1.0]
    """

    def __call__(self, shape: KnownShape, dtype: str | None = None) -> Tensor:
        """Makes a tensor of this shape and dtype."""
        return ops.ones(shape, dtype=dtype or keras.config.floatx())


@keras.saving.register_keras_serializable("custom_layers")
class Constant(keras.initializers.Initializer):
    """Starts every weight at a given value.

    `w = value`

    Args:
        value: Number, or an array that broadcasts to the weight's shape.

    Example:

    >>> [float(w) for w in Constant(0.5)((2,))]
    [0.5, 0.5]
    """

    def __init__(self, value: Any = 0.0) -> None:
        self.value = value

    def __call__(self, shape: KnownShape, dtype: str | None = None) -> Tensor:
        """Makes a tensor of this shape and dtype."""
        value = ops.cast(self.value, dtype or keras.config.floatx())
        return ops.broadcast_to(value, shape)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {"value": keras.saving.serialize_keras_object(self.value)}

    @classmethod
    def from_config(cls, config: dict) -> "Constant":
        """Makes the initializer that `get_config` described."""
        return cls(keras.saving.deserialize_keras_object(config["value"]))


class _FanScaled(keras.initializers.Initializer):
    """Draws weights whose variance depends on the connections of a neuron.

    As in Keras, an object without a seed picks one when it is made, and so
    draws the same numbers each time it is called.
    """

    def __init__(
        self,
        seed: Seed = None,
        input_axes: tuple[int, ...] | None = None,
        output_axes: tuple[int, ...] | None = None,
    ) -> None:
        if isinstance(seed, dict):
            seed = keras.saving.deserialize_keras_object(seed)
        if not isinstance(seed, int | keras.random.SeedGenerator | None):
            raise ValueError(
                "`seed` must be an integer, a `keras.random.SeedGenerator` or "
                f"None. Received: seed={seed} of type {type(seed).__name__}"
            )
        self._given_seed = seed
        self.seed = random.randint(1, 10**9) if seed is None else seed
        self.input_axes = input_axes
        self.output_axes = output_axes

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {
            "seed": keras.saving.serialize_keras_object(self._given_seed),
            "input_axes": self.input_axes,
            "output_axes": self.output_axes,
        }

    def _fans(self, shape: KnownShape) -> tuple[int, int]:
        """Counts the inputs and the outputs of a neuron with such weights."""
        if self.input_axes is not None and self.output_axes is not None:
            return (
                math.prod(shape[axis] for axis in self.input_axes),
                math.prod(shape[axis] for axis in self.output_axes),
            )
        if len(shape) < 2:
            size = math.prod(shape)
            return size, size
        field = math.prod(shape[:-2])
        return field * shape[-2], field * shape[-1]

    def _uniform(self, shape: KnownShape, dtype: str | None, variance: float) -> Tensor:
        limit = math.sqrt(3 * variance)
        return keras.random.uniform(shape, -limit, limit, dtype=dtype, seed=self.seed)

    def _normal(self, shape: KnownShape, dtype: str | None, variance: float) -> Tensor:
        stddev = math.sqrt(variance) / _TRUNCATED_STDDEV
        return keras.random.truncated_normal(
            shape, 0.0, stddev, dtype=dtype, seed=self.seed
        )


class _Glorot(_FanScaled):
    """Keeps the variance of signals going forward and of gradients going back."""

    def _variance(self, shape: KnownShape) -> float:
        return 2 / max(2, sum(self._fans(shape)))


class _He(_FanScaled):
    """Keeps the variance of signals that pass through rectified units."""

    def _variance(self, shape: KnownShape) -> float:
        return 2 / max(1, self._fans(shape)[0])


@keras.saving.register_keras_serializable("custom_layers")
class GlorotUniform(_Glorot):
    """Glorot's (Xavier's) uniform initializer.

    `w ~ U(-limit, limit), limit = sqrt(6 / (fan_in + fan_out))`

    Args:
        seed: Integer or `keras.random.SeedGenerator`; `None` picks one.
        input_axes: Axes whose product is `fan_in`; by default all but the last.
        output_axes: Axes whose product is `fan_out`; by default the last one
            and, in a convolution kernel, its window. Takes effect together with
            `input_axes`.

    Example:

    >>> tuple(GlorotUniform(seed=1)((3, 4)).shape)
    (3, 4)

    Reference:
        Glorot and Bengio, 2010, Understanding the difficulty of training deep
        feedforward neural networks.
    """

    def __call__(self, shape: KnownShape, dtype: str | None = None) -> Tensor:
        """Makes a tensor of this shape and dtype."""
        return self._uniform(shape, dtype, self._variance(shape))


@keras.saving.register_keras_serializable("custom_layers")
class GlorotNormal(_Glorot):
    """Glorot's (Xavier's) initializer with a truncated normal distribution.

    `w ~ N(0, sigma^2)` cut off at two standard deviations and widened so that
    the variance is `2 / (fan_in + fan_out)`

    Args:
        seed: Integer or `keras.random.SeedGenerator`; `None` picks one.
        input_axes: Axes whose product is `fan_in`; by default all but the last.
        output_axes: Axes whose product is `fan_out`; by default the last one
            and, in a convolution kernel, its window. Takes effect together with
            `input_axes`.

    Example:

    >>> tuple(GlorotNormal(seed=1)((3, 4)).shape)
    (3, 4)

    Reference:
        Glorot and Bengio, 2010, Understanding the difficulty of training deep
        feedforward neural networks.
    """

    def __call__(self, shape: KnownShape, dtype: str | None = None) -> Tensor:
        """Makes a tensor of this shape and dtype."""
        return self._normal(shape, dtype, self._variance(shape))


@keras.saving.register_keras_serializable("custom_layers")
class HeUniform(_He):
    """He's uniform initializer, for rectified units.

    `w ~ U(-limit, limit), limit = sqrt(6 / fan_in)`

    Args:
        seed: Integer or `keras.random.SeedGenerator`; `None` picks one.
        input_axes: Axes whose product is `fan_in`; by default all but the last.
        output_axes: Axes whose product is `fan_out`. Takes effect together with
            `input_axes`.

    Example:

    >>> tuple(HeUniform(seed=1)((3, 4)).shape)
    (3, 4)

    Reference:
        He et al., 2015, Delving deep into rectifiers.
    """

    def __call__(self, shape: KnownShape, dtype: str | None = None) -> Tensor:
        """Makes a tensor of this shape and dtype."""
        return self._uniform(shape, dtype, self._variance(shape))


@keras.saving.register_keras_serializable("custom_layers")
class HeNormal(_He):
    """He's initializer with a truncated normal distribution.

    `w ~ N(0, sigma^2)` cut off at two standard deviations and widened so that
    the variance is `2 / fan_in`

    Args:
        seed: Integer or `keras.random.SeedGenerator`; `None` picks one.
        input_axes: Axes whose product is `fan_in`; by default all but the last.
        output_axes: Axes whose product is `fan_out`. Takes effect together with
            `input_axes`.

    Example:

    >>> tuple(HeNormal(seed=1)((3, 4)).shape)
    (3, 4)

    Reference:
        He et al., 2015, Delving deep into rectifiers.
    """

    def __call__(self, shape: KnownShape, dtype: str | None = None) -> Tensor:
        """Makes a tensor of this shape and dtype."""
        return self._normal(shape, dtype, self._variance(shape))


_CLASSES = {
    "constant": Constant,
    "glorot_normal": GlorotNormal,
    "glorot_uniform": GlorotUniform,
    "he_normal": HeNormal,
    "he_uniform": HeUniform,
    "ones": Ones,
    "zeros": Zeros,
}
_CLASSES |= {cls.__name__: cls for cls in _CLASSES.values()}


def get(identifier: InitializerLike) -> Any:
    """Finds an initializer; a name means ours first and Keras' otherwise.

    Args:
        identifier: Name, object, class, serialized initializer, array of the
            weight's shape, or `None`, which stays `None`.

    Example:

    >>> type(get("he_normal")) is HeNormal
    True
    """
    if isinstance(identifier, str) and identifier in _CLASSES:
        return _CLASSES[identifier]()
    return keras.initializers.get(identifier)


def serialize(initializer: Any) -> dict:
    """Describes an initializer such that `deserialize` makes it again.

    Args:
        initializer: Initializer object.

    Example:

    >>> serialize(HeNormal(seed=1))["class_name"]
    'HeNormal'
    """
    return keras.initializers.serialize(initializer)


def deserialize(config: str | dict, custom_objects: dict | None = None) -> Any:
    """Turns the result of `serialize` into the initializer.

    Args:
        config: Name or configuration.
        custom_objects: Names that take part in the search, with what they mean.

    Example:

    >>> deserialize(serialize(HeNormal(seed=1))).seed
    1
    """
    if isinstance(config, str) and config not in (custom_objects or {}):
        return get(config)
    return keras.initializers.deserialize(config, custom_objects=custom_objects)
