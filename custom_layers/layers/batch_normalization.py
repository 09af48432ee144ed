"""Batch normalization."""

from typing import Any

import keras
from keras import ops

from custom_layers import fast, initializers
from custom_layers._types import (
    ConstraintLike,
    InitializerLike,
    RegularizerLike,
    Shape,
    Tensor,
)
from custom_layers.layers._affine import AffineLayer, broadcastable, check_axes
from custom_layers.layers._batch_statistics import (
    checked_clipping,
    corrections,
    masked_moments,
    moments,
    move,
)

__all__ = ["BatchNormalization"]


@keras.saving.register_keras_serializable("custom_layers")
class BatchNormalization(AffineLayer):
    r"""Normalizes each channel over the batch, then scales and shifts it.

    .. math::

        y = \gamma \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta

    In training, `mu` and `sigma^2` are the mean and variance of the batch, over all
    axes but one and the positions that the mask keeps. They update moving averages,
    `moving <- momentum * moving + (1 - momentum) * batch`, which replace them at
    inference and where `trainable` is false.

    Args:
        axis: Axis of the channels.
        momentum: Momentum of the moving averages.
        epsilon: Small constant for numerical stability.
        center: Whether to add the offset `beta`.
        scale: Whether to multiply by the scale `gamma`.
        beta_initializer: Initializer for `beta`.
        gamma_initializer: Initializer for `gamma`.
        moving_mean_initializer: Initializer for the moving mean.
        moving_variance_initializer: Initializer for the moving variance.
        beta_regularizer: Regularizer for `beta`.
        gamma_regularizer: Regularizer for `gamma`.
        beta_constraint: Constraint applied to `beta` after each update.
        gamma_constraint: Constraint applied to `gamma` after each update.
        renorm: Whether to use batch renormalization, which brings training close to
            inference.
        renorm_clipping: Limits of its corrections, `{"rmin": ..., "rmax": ...,
            "dmax": ...}`; a missing one does not limit.
        renorm_momentum: Momentum of the moving averages of batch renormalization.
        synchronized: Whether mean and variance are computed over all replicas of a
            TensorFlow strategy.

    Shapes:
        Any shape to the same shape. Mask: the shape without the last axis.

    Example:

    >>> layer = BatchNormalization(momentum=0.5)
    >>> y = layer(ops.array([[1.0], [3.0]]), training=True)
    >>> ops.convert_to_numpy(ops.round(y, 2)).ravel().tolist()
    [-1.0, 1.0]
    >>> float(layer.moving_mean[0]), float(layer.moving_variance[0])
    (1.0, 1.0)

    Reference:
        Ioffe and Szegedy, 2015, Batch normalization: accelerating deep network
        training by reducing internal covariate shift; Ioffe, 2017, Batch
        renormalization (`renorm`).
    """

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: InitializerLike = "zeros",
        gamma_initializer: InitializerLike = "ones",
        moving_mean_initializer: InitializerLike = "zeros",
        moving_variance_initializer: InitializerLike = "ones",
        beta_regularizer: RegularizerLike = None,
        gamma_regularizer: RegularizerLike = None,
        beta_constraint: ConstraintLike = None,
        gamma_constraint: ConstraintLike = None,
        renorm: bool = False,
        renorm_clipping: dict[str, float] | None = None,
        renorm_momentum: float = 0.99,
        synchronized: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            epsilon=float(epsilon),
            center=center,
            scale=scale,
            beta_initializer=beta_initializer,
            gamma_initializer=gamma_initializer,
            beta_regularizer=beta_regularizer,
            gamma_regularizer=gamma_regularizer,
            beta_constraint=beta_constraint,
            gamma_constraint=gamma_constraint,
            **kwargs,
        )
        if synchronized and keras.backend.backend() != "tensorflow":
            raise ValueError(
                "`synchronized=True` is only supported with the TensorFlow backend. "
                f"Received: synchronized={synchronized} on {keras.backend.backend()}"
            )
        self.axis = int(axis)
        self.momentum = float(momentum)
        self.moving_mean: Any = None
        self.moving_variance: Any = None
        self.moving_mean_initializer = initializers.get(moving_mean_initializer)
        self.moving_variance_initializer = initializers.get(moving_variance_initializer)
        self.renorm = renorm
        self.renorm_clipping = renorm_clipping
        if renorm:
            self.renorm_clipping = checked_clipping(renorm_clipping)
        self.renorm_momentum = renorm_momentum
        self.synchronized = synchronized

    def build(self, input_shape: Shape) -> None:
        """Creates the weights."""
        check_axes((self.axis,), input_shape)
        channels = input_shape[self.axis]
        if channels is None:
            raise ValueError(
                "The size of the axis to be normalized must be known. "
                f"Received: axis={self.axis} and input_shape={input_shape}"
            )
        if self.scale:
            self.gamma = self.add_gamma((channels,))
        if self.center:
            self.beta = self.add_beta((channels,))
        self.moving_mean = self._add_average(
            "moving_mean", channels, self.moving_mean_initializer
        )
        self.moving_variance = self._add_average(
            "moving_variance", channels, self.moving_variance_initializer
        )
        if self.renorm:
            self._add_renorm_averages(channels)
        self.input_spec = keras.layers.InputSpec(
            ndim=len(input_shape), axes={self.axis: channels}
        )

    def _add_renorm_averages(self, channels: int) -> None:
        def deviation(shape: Shape, dtype: str | None = None) -> Tensor:
            return ops.sqrt(self.moving_variance_initializer(shape, dtype))

        self.moving_stddev = self._add_average("moving_stddev", channels, deviation)
        self.renorm_mean = self._add_average(
            "renorm_mean", channels, self.moving_mean_initializer
        )
        self.renorm_stddev = self._add_average("renorm_stddev", channels, deviation)

    def _add_average(
        self, name: str, channels: int, initializer: InitializerLike
    ) -> keras.Variable:
        return self.add_weight(
            (channels,), initializer, name=name, trainable=False, autocast=False
        )

    def call(
        self,
        inputs: Tensor,
        training: bool | None = None,
        mask: Tensor | None = None,
    ) -> Tensor:
        """Normalizes the inputs and, in training, updates the moving averages."""
        if mask is not None and len(mask.shape) != len(inputs.shape) - 1:
            raise ValueError(
                "The mask must have one dimension less than the inputs. Received: "
                f"mask.shape={tuple(mask.shape)}, "
                f"inputs.shape={tuple(inputs.shape)}"
            )
        dtype = keras.backend.result_type(inputs.dtype, "float32")
        x = ops.cast(inputs, dtype)
        if training and self.trainable:
            outputs = self._train(x, mask)
        else:
            outputs = self._infer(x)
        return ops.cast(outputs, self.compute_dtype)

    def _train(self, x: Tensor, mask: Tensor | None) -> Tensor:
        if self.renorm:
            mean, variance = self._moments(x, mask)
            return self._normalized(x, mean, variance, *self._renorm(mean, variance))
        if mask is None and not self.synchronized:
            outputs, mean, variance = self._batch_norm(x)
        else:
            mean, variance = self._moments(x, mask)
            outputs = self._normalized(x, mean, variance)
        move(self.moving_mean, mean, self.momentum)
        move(self.moving_variance, variance, self.momentum)
        return outputs

    @fast.path
    def _batch_norm(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Normalizes with the moments of the batch, and returns them too."""
        mean, variance = self._moments(x, None)
        return self._normalized(x, mean, variance), mean, variance

    def _infer(self, x: Tensor) -> Tensor:
        mean = ops.cast(self.moving_mean, x.dtype)
        variance = ops.cast(self.moving_variance, x.dtype)
        return self._normalized(x, mean, variance)

    def _affine(self, dtype: str) -> tuple[Tensor | None, Tensor | None, float]:
        weights = self.gamma, self.beta
        gamma, beta = (None if w is None else ops.cast(w, dtype) for w in weights)
        return gamma, beta, self.epsilon

    def _moments(self, x: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor]:
        rank = len(x.shape)
        axes = [axis for axis in range(rank) if axis != self.axis % rank]
        if mask is not None:
            return masked_moments(x, mask, axes)
        if self.synchronized:
            return ops.moments(x, axes, synchronized=True)
        return moments(x, axes)

    def _renorm(self, mean: Tensor, variance: Tensor) -> tuple[Tensor, Tensor]:
        """Returns the corrections and updates all moving averages."""
        deviation = ops.sqrt(variance + self.epsilon)
        least = self.epsilon**0.5
        r, d = corrections(
            mean,
            deviation,
            ops.cast(self.renorm_mean, mean.dtype),
            ops.maximum(ops.cast(self.renorm_stddev, mean.dtype), least),
            self.renorm_clipping or {},
        )
        move(self.renorm_mean, mean, self.renorm_momentum)
        move(self.renorm_stddev, deviation, self.renorm_momentum)
        move(self.moving_mean, mean, self.momentum)
        move(self.moving_stddev, deviation, self.momentum)
        # Rounding errors can make it negative.
        variance = ops.relu(ops.square(self.moving_stddev.value) - self.epsilon)
        self.moving_variance.assign(variance)
        return r, d

    def _normalized(
        self, x: Tensor, mean: Tensor, variance: Tensor, r: Tensor = 1, d: Tensor = 0
    ) -> Tensor:
        """Computes `gamma * (r * (x - mean) / sqrt(variance + epsilon) + d) + beta`."""
        gamma, beta, epsilon = self._affine(x.dtype)
        gamma = 1 if gamma is None else gamma
        beta = 0 if beta is None else beta
        # Folded per channel: one multiplication and one addition of the inputs.
        factor = ops.rsqrt(variance + epsilon) * r * gamma
        term = beta + d * gamma - mean * factor
        shape = broadcastable(x.shape, (self.axis,))
        return x * ops.reshape(factor, shape) + ops.reshape(term, shape)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of the inputs."""
        check_axes((self.axis,), input_shape)
        return input_shape

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "axis": self.axis,
            "momentum": self.momentum,
            "moving_mean_initializer": initializers.serialize(
                self.moving_mean_initializer
            ),
            "moving_variance_initializer": initializers.serialize(
                self.moving_variance_initializer
            ),
            "renorm": self.renorm,
            "renorm_clipping": self.renorm_clipping,
            "renorm_momentum": self.renorm_momentum,
            "synchronized": self.synchronized,
        }
