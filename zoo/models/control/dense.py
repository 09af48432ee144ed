"""Hidden layers on observations."""

import keras
from keras import ops

from custom_layers import Activation, Dense
from zoo.models.standardized import standardized

_LARGEST = 100.0  # deviations: of a number that random actions hardly change


def normalized(observation: keras.KerasTensor) -> keras.KerasTensor:
    """Standardizes observations by those that random actions lead to.

    Args:
        observation: Input of the model, of shape (batch, ...), which is flattened.
    """
    return ops.clip(standardized(observation), -_LARGEST, _LARGEST)


def hidden(
    x: keras.KerasTensor, units: tuple[int, ...], activation: str
) -> keras.KerasTensor:
    """Applies dense layers of these widths."""
    for width in units:
        x = Activation(activation)(Dense(width, kernel_initializer="orthogonal")(x))
    return x
