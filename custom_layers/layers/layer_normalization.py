"""Layer normalization."""

import warnings
from typing import Any

import keras
from keras import ops

from custom_layers import fast
from custom_layers._types import (
    ConstraintLike,
    InitializerLike,
    RegularizerLike,
    Shape,
    Tensor,
)
from custom_layers.layers._affine import AffineLayer, broadcastable, check_axes

__all__ = ["LayerNormalization"]


@keras.saving.register_keras_serializable("custom_layers")
class LayerNormalization(AffineLayer):
    r"""Normalizes the features of each sample, then scales and shifts them.

    .. math::

        y = \gamma \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta

    where `mu` and `sigma^2` are the mean and variance over the features of one
    sample (of one position, with `axis=-1`).

    Args:
        axis: Axis or axes of the features.
        epsilon: Small constant for numerical stability.
        center: Whether to add the offset `beta`.
        scale: Whether to multiply by the scale `gamma`.
        beta_initializer: Initializer for `beta`.
        gamma_initializer: Initializer for `gamma`.
        beta_regularizer: Regularizer for `beta`.
        gamma_regularizer: Regularizer for `gamma`.
        beta_constraint: Constraint applied to `beta` after each update.
        gamma_constraint: Constraint applied to `gamma` after each update.
        rms_scaling: Deprecated; `y = gamma * x / sqrt(variance + epsilon)`.

    Shapes:
        Any shape to the same shape.

    Example:

    >>> y = LayerNormalization(epsilon=0.0)(ops.array([[1.0, 3.0], [10.0, 40.0]]))
    >>> ops.convert_to_numpy(ops.round(y, 3)).tolist()
    [[-1.0, 1.0], [-1.0, 1.0]]

    Reference:
        Ba, Kiros and Hinton, 2016, Layer normalization.
    """

    def __init__(
        self,
        axis: int | list[int] | tuple[int, ...] = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: InitializerLike = "zeros",
        gamma_initializer: InitializerLike = "ones",
        beta_regularizer: RegularizerLike = None,
        gamma_regularizer: RegularizerLike = None,
        beta_constraint: ConstraintLike = None,
        gamma_constraint: ConstraintLike = None,
        **kwargs: Any,
    ) -> None:
        rms_scaling = kwargs.pop("rms_scaling", False)
        super().__init__(
            epsilon=epsilon,
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
        if not isinstance(axis, int | list | tuple):
            raise TypeError(
                "Expected an int or a list/tuple of ints for the argument 'axis', the "
                f"axes of the features. Received: axis={axis}"
            )
        if rms_scaling:
            warnings.warn(
                "`rms_scaling=True` is deprecated: it divides by the deviation and not "
                "by the root mean square. Use an RMS normalization instead.",
                stacklevel=2,
            )
        self.axis = axis if isinstance(axis, int) else list(axis)
        self.rms_scaling = rms_scaling
        # The statistics are those of the inputs before a cast to half precision.
        self.autocast = False

    def _axes(self) -> list[int]:
        return [self.axis] if isinstance(self.axis, int) else sorted(self.axis)

    def build(self, input_shape: Shape) -> None:
        """Creates the weights."""
        check_axes(self._axes(), input_shape)
        shape = tuple(input_shape[axis] for axis in self._axes())
        if self.scale or self.rms_scaling:
            self.gamma = self.add_gamma(shape)
        if self.center and not self.rms_scaling:
            self.beta = self.add_beta(shape)

    def call(self, inputs: Tensor) -> Tensor:
        """Normalizes the inputs."""
        dtype = keras.backend.result_type(inputs.dtype, "float32")
        x = ops.cast(inputs, dtype)
        weights = self.gamma, self.beta
        gamma, beta = (None if w is None else ops.cast(w, dtype) for w in weights)
        return ops.cast(self._normalized(x, gamma, beta), self.compute_dtype)

    @fast.path
    def _normalized(
        self, x: Tensor, gamma: Tensor | None, beta: Tensor | None
    ) -> Tensor:
        shape = broadcastable(x.shape, self._axes())
        mean = ops.mean(x, axis=self._axes(), keepdims=True)
        centered = x - mean
        variance = ops.mean(ops.square(centered), axis=self._axes(), keepdims=True)
        outputs = x if self.rms_scaling else centered
        outputs = outputs * ops.rsqrt(variance + self.epsilon)
        if gamma is not None:
            outputs = outputs * ops.reshape(gamma, shape)
        return outputs if beta is None else outputs + ops.reshape(beta, shape)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of the inputs."""
        check_axes(self._axes(), input_shape)
        return input_shape

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "axis": self.axis,
            "rms_scaling": self.rms_scaling,
        }
