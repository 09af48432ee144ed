"""What tells the weights of one training from those of another."""

import hashlib

import keras
import numpy as np


def digest(model: keras.Model) -> str:
    """Returns the sha256 of all weights of a model, their shapes and values.

    Example:

    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    >>> before = digest(model)
    >>> model.set_weights([weights + 1 for weights in model.get_weights()])
    >>> digest(model) == before
    False
    """
    found = hashlib.sha256()
    for weights in model.get_weights():
        found.update(f"{weights.dtype} {weights.shape}".encode())
        found.update(np.ascontiguousarray(weights).tobytes())
    return found.hexdigest()
