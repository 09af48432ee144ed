"""Parametric rectified linear unit."""

from collections.abc import Iterable
from typing import Any

import keras
from keras import ops

from custom_layers import initializers, regularizers
from custom_layers._types import (
    ConstraintLike,
    InitializerLike,
    RegularizerLike,
    Shape,
    Tensor,
)

__all__ = ["PReLU"]


@keras.saving.register_keras_serializable("custom_layers")
class PReLU(keras.layers.Layer):
    r"""Parametric rectified linear unit: leaky ReLU with learned slopes.

    .. math::

        y = \begin{cases}
            x & x > 0 \\
            \alpha x & x \le 0
        \end{cases}

    Args:
        alpha_initializer: Initializer for the slopes `alpha`, one for each input.
        alpha_regularizer: Regularizer for the slopes.
        alpha_constraint: Constraint applied to the slopes after each update.
        shared_axes: Axis or axes whose inputs share a slope: `(1, 2)` learns one
            for each channel of an image. Axis 0 is the batch.

    Shapes:
        Any shape to the same shape.

    Example:

    >>> layer = PReLU(alpha_initializer=initializers.Constant(0.25))
    >>> ops.convert_to_numpy(layer(ops.array([[-2.0, 3.0]]))).tolist()
    [[-0.5, 3.0]]

    Reference:
        He et al., 2015, Delving deep into rectifiers.
    """

    def __init__(
        self,
        alpha_initializer: InitializerLike = "Zeros",
        alpha_regularizer: RegularizerLike = None,
        alpha_constraint: ConstraintLike = None,
        shared_axes: int | Iterable[int] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.alpha_initializer = initializers.get(alpha_initializer)
        self.alpha_regularizer = regularizers.get(alpha_regularizer)
        self.alpha_constraint = keras.constraints.get(alpha_constraint)
        if isinstance(shared_axes, int):
            shared_axes = [shared_axes]
        self.shared_axes = None if shared_axes is None else list(shared_axes)

    def build(self, input_shape: Shape) -> None:
        """Creates the slopes."""
        shared = self.shared_axes or []
        sizes = list(input_shape[1:])
        for axis in shared:
            sizes[axis - 1] = 1
        if None in sizes:
            raise ValueError(
                "Each axis needs a known size or a place in `shared_axes`. Received: "
                f"input_shape={input_shape}, shared_axes={self.shared_axes}"
            )
        self.alpha = self.add_weight(
            sizes,
            self.alpha_initializer,
            name="alpha",
            regularizer=self.alpha_regularizer,
            constraint=self.alpha_constraint,
        )
        own = {
            axis: input_shape[axis]
            for axis in range(1, len(input_shape))
            if shared and axis not in shared
        }
        self.input_spec = keras.layers.InputSpec(ndim=len(input_shape), axes=own)

    def call(self, inputs: Tensor) -> Tensor:
        """Applies the activation."""
        return ops.relu(inputs) - self.alpha * ops.relu(-inputs)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of the inputs."""
        return input_shape

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "alpha_initializer": initializers.serialize(self.alpha_initializer),
            "alpha_regularizer": regularizers.serialize(self.alpha_regularizer),
            "alpha_constraint": keras.constraints.serialize(self.alpha_constraint),
            "shared_axes": self.shared_axes,
        }
