"""Hidden layers of agents."""

import keras

from custom_layers import Activation, Dense


def hidden(
    x: keras.KerasTensor, units: tuple[int, ...], activation: str, initializer: str
) -> keras.KerasTensor:
    """Applies dense layers of these widths."""
    for width in units:
        x = Activation(activation)(Dense(width, kernel_initializer=initializer)(x))
    return x
