"""The seed of random initializers."""

import random

import keras

from custom_layers._types import Seed

__all__ = ["SeededInitializer"]


class SeededInitializer(keras.initializers.Initializer):
    """Base class of initializers with a seed.

    As in Keras, an initializer without a seed draws one when it is created, and so
    returns the same numbers at each call.
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
