"""Base class of normalization layers, with gamma and beta."""

from typing import Any

import keras

from custom_layers import initializers, regularizers
from custom_layers._types import (
    ConstraintLike,
    InitializerLike,
    RegularizerLike,
    Shape,
)


class AffineLayer(keras.layers.Layer):
    """Base class of layers with a scale `gamma` and an offset `beta`."""

    gamma: keras.Variable | None
    beta: keras.Variable | None

    def __init__(
        self,
        *,
        epsilon: float,
        center: bool,
        scale: bool,
        beta_initializer: InitializerLike,
        gamma_initializer: InitializerLike,
        beta_regularizer: RegularizerLike,
        gamma_regularizer: RegularizerLike,
        beta_constraint: ConstraintLike,
        gamma_constraint: ConstraintLike,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.epsilon = epsilon
        self.center = center
        self.scale = scale
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.beta_constraint = keras.constraints.get(beta_constraint)
        self.gamma_constraint = keras.constraints.get(gamma_constraint)
        self.supports_masking = True
        self.gamma = self.beta = None

    def add_gamma(self, shape: Shape) -> keras.Variable:
        """Creates the trainable weight `gamma`."""
        return self.add_weight(
            shape,
            self.gamma_initializer,
            name="gamma",
            autocast=False,
            regularizer=self.gamma_regularizer,
            constraint=self.gamma_constraint,
        )

    def add_beta(self, shape: Shape) -> keras.Variable:
        """Creates the trainable weight `beta`."""
        return self.add_weight(
            shape,
            self.beta_initializer,
            name="beta",
            autocast=False,
            regularizer=self.beta_regularizer,
            constraint=self.beta_constraint,
        )

    def get_config(self) -> dict:
        """Returns the shared arguments of the constructor."""
        regularizer = regularizers.serialize
        constraint = keras.constraints.serialize
        return super().get_config() | {
            "epsilon": self.epsilon,
            "center": self.center,
            "scale": self.scale,
            "beta_initializer": initializers.serialize(self.beta_initializer),
            "gamma_initializer": initializers.serialize(self.gamma_initializer),
            "beta_regularizer": regularizer(self.beta_regularizer),
            "gamma_regularizer": regularizer(self.gamma_regularizer),
            "beta_constraint": constraint(self.beta_constraint),
            "gamma_constraint": constraint(self.gamma_constraint),
        }


def check_axes(axes: tuple[int, ...] | list[int], input_shape: Shape) -> None:
    """Raises a `ValueError` where the input lacks one of the axes."""
    rank = len(input_shape)
    for axis in axes:
        if not -rank <= axis < rank:
            raise ValueError(
                f"Axis {axis} is out of bounds for input shape {input_shape}; it must "
                f"be in [-{rank}, {rank}). Received: axis={axes}"
            )


def broadcastable(shape: Shape, axes: tuple[int, ...] | list[int]) -> Shape:
    """Returns a shape with the sizes of these axes and 1 elsewhere."""
    kept = {axis % len(shape) for axis in axes}
    return tuple(size if axis in kept else 1 for axis, size in enumerate(shape))
