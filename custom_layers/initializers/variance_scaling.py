"""Variance scaling initializers: the variance depends on fan-in and fan-out."""

import math

import keras

from custom_layers._types import KnownShape, Seed, Tensor
from custom_layers.initializers._seeded import SeededInitializer

__all__ = ["GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "LecunNormal"]

# Standard deviation of a standard normal distribution truncated to [-2, 2].
_TRUNCATED_STDDEV = math.sqrt(
    1 - 4 * math.exp(-2) / math.sqrt(2 * math.pi) / math.erf(math.sqrt(2))
)


class _VarianceScaling(SeededInitializer):
    r"""Base class of initializers whose variance depends on fan-in and fan-out.

    .. math::

        \mathrm{Var}(w) = \frac{\mathrm{scale}}{n}

    where the `mode` says what `n` is: `"fan_in"`, or `"fan_avg"` for the mean of fan-in
    and fan-out. The distribution is `"uniform"` or `"truncated_normal"`.
    """

    scale: float
    mode: str
    distribution: str

    def __init__(
        self,
        seed: Seed = None,
        input_axes: tuple[int, ...] | None = None,
        output_axes: tuple[int, ...] | None = None,
    ) -> None:
        super().__init__(seed)
        self.input_axes = input_axes
        self.output_axes = output_axes

    def __call__(self, shape: KnownShape, dtype: str | None = None) -> Tensor:
        """Returns a tensor of the given shape and dtype."""
        fan_in, fan_out = self._fans(shape)
        n = fan_in if self.mode == "fan_in" else (fan_in + fan_out) / 2
        variance = self.scale / max(1.0, n)
        if self.distribution == "uniform":
            limit = math.sqrt(3 * variance)
            return keras.random.uniform(
                shape, -limit, limit, dtype=dtype, seed=self.seed
            )
        stddev = math.sqrt(variance) / _TRUNCATED_STDDEV
        return keras.random.truncated_normal(
            shape, 0.0, stddev, dtype=dtype, seed=self.seed
        )

    def _fans(self, shape: KnownShape) -> tuple[int, int]:
        """Returns fan-in and fan-out of a kernel."""
        if self.input_axes is not None and self.output_axes is not None:
            return (
                math.prod(shape[axis] for axis in self.input_axes),
                math.prod(shape[axis] for axis in self.output_axes),
            )
        if len(shape) < 2:
            size = math.prod(shape)
            return size, size
        window = math.prod(shape[:-2])
        return window * shape[-2], window * shape[-1]

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "input_axes": self.input_axes,
            "output_axes": self.output_axes,
        }


@keras.saving.register_keras_serializable("custom_layers")
class GlorotUniform(_VarianceScaling):
    r"""Glorot (Xavier) initializer with a uniform distribution.

    .. math::

        w \sim \mathcal{U}(-a, a), \qquad
        a = \sqrt{\frac{6}{\mathrm{fan_{in}} + \mathrm{fan_{out}}}}

    Args:
        seed: Integer or `keras.random.SeedGenerator`; `None` draws one at random.
        input_axes: Axes whose product is the fan-in; by default all but the last.
        output_axes: Axes whose product is the fan-out; by default the last one
            and, in a convolution kernel, its window. Takes effect together with
            `input_axes`.

    Example:

    >>> tuple(GlorotUniform(seed=1)((3, 4)).shape)
    (3, 4)

    Reference:
        Glorot and Bengio, 2010, Understanding the difficulty of training deep
        feedforward neural networks.
    """

    scale = 1.0
    mode = "fan_avg"
    distribution = "uniform"


@keras.saving.register_keras_serializable("custom_layers")
class GlorotNormal(_VarianceScaling):
    r"""Glorot (Xavier) initializer with a truncated normal distribution.

    .. math::

        w \sim \mathcal{N}_{[-2\sigma, 2\sigma]}(0, \sigma^2), \qquad
        \mathrm{Var}(w) = \frac{2}{\mathrm{fan_{in}} + \mathrm{fan_{out}}}

    Args:
        seed: Integer or `keras.random.SeedGenerator`; `None` draws one at random.
        input_axes: Axes whose product is the fan-in; by default all but the last.
        output_axes: Axes whose product is the fan-out; by default the last one
            and, in a convolution kernel, its window. Takes effect together with
            `input_axes`.

    Example:

    >>> tuple(GlorotNormal(seed=1)((3, 4)).shape)
    (3, 4)

    Reference:
        Glorot and Bengio, 2010, Understanding the difficulty of training deep
        feedforward neural networks.
    """

    scale = 1.0
    mode = "fan_avg"
    distribution = "truncated_normal"


@keras.saving.register_keras_serializable("custom_layers")
class HeUniform(_VarianceScaling):
    r"""He initializer with a uniform distribution, for rectified linear units.

    .. math::

        w \sim \mathcal{U}(-a, a), \qquad a = \sqrt{\frac{6}{\mathrm{fan_{in}}}}

    Args:
        seed: Integer or `keras.random.SeedGenerator`; `None` draws one at random.
        input_axes: Axes whose product is the fan-in; by default all but the last.
        output_axes: Axes whose product is the fan-out. Takes effect together with
            `input_axes`.

    Example:

    >>> tuple(HeUniform(seed=1)((3, 4)).shape)
    (3, 4)

    Reference:
        He et al., 2015, Delving deep into rectifiers.
    """

    scale = 2.0
    mode = "fan_in"
    distribution = "uniform"


@keras.saving.register_keras_serializable("custom_layers")
class HeNormal(_VarianceScaling):
    r"""He initializer with a truncated normal distribution.

    .. math::

        w \sim \mathcal{N}_{[-2\sigma, 2\sigma]}(0, \sigma^2), \qquad
        \mathrm{Var}(w) = \frac{2}{\mathrm{fan_{in}}}

    Args:
        seed: Integer or `keras.random.SeedGenerator`; `None` draws one at random.
        input_axes: Axes whose product is the fan-in; by default all but the last.
        output_axes: Axes whose product is the fan-out. Takes effect together with
            `input_axes`.

    Example:

    >>> tuple(HeNormal(seed=1)((3, 4)).shape)
    (3, 4)

    Reference:
        He et al., 2015, Delving deep into rectifiers.
    """

    scale = 2.0
    mode = "fan_in"
    distribution = "truncated_normal"


@keras.saving.register_keras_serializable("custom_layers")
class LecunNormal(_VarianceScaling):
    r"""LeCun initializer, for activations with slope one at zero.

    .. math::

        w \sim \mathcal{N}_{[-2\sigma, 2\sigma]}(0, \sigma^2), \qquad
        \mathrm{Var}(w) = \frac{1}{\mathrm{fan_{in}}}

    Args:
        seed: Integer or `keras.random.SeedGenerator`; `None` draws one at random.
        input_axes: Axes whose product is the fan-in; by default all but the last.
        output_axes: Axes whose product is the fan-out. Takes effect together with
            `input_axes`.

    Example:

    >>> tuple(LecunNormal(seed=1)((3, 4)).shape)
    (3, 4)

    Reference:
        LeCun, Bottou, Orr and Mueller, 1998, Efficient backprop.
    """

    scale = 1.0
    mode = "fan_in"
    distribution = "truncated_normal"
