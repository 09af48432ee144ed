"""What initializers that draw random numbers have in common."""

import random

import keras

from custom_layers._types import Seed

__all__ = ["SeededInitializer"]


class SeededInitializer(keras.initializers.Initializer):
    """Holds the seed of an initializer.

    As in Keras, an object without a seed picks one when it is made, and so
    draws the same numbers each time it is called.
    """

    def __init__(self, seed: Seed = None) -> None:
        if isinstance(seed, dict):
            seed = keras.saving.deserialize_keras_object(seed)
        if not isinstance(seed, int | keras.random.SeedGenerator | None):
            raise ValueError(
                "`seed` must be an integer, a `keras.random.SeedGenerator` or "
                f"None. Received: seed={seed} of type {type(seed).__name__}"
            )
        self._given_seed = seed
        self.seed = random.randint(1, 10**9) if seed is None else seed

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return {"seed": keras.saving.serialize_keras_object(self._given_seed)}
