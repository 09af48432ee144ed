"""Layers that also work inside a data pipeline."""

from typing import Any

import numpy as np
from keras.src.layers.preprocessing.data_layer import DataLayer  # has no public name

from custom_layers._types import Tensor


class NumbersLayer(DataLayer):
    """A data layer that also takes plain numbers and lists of them.

    A data layer computes with `self.backend` in place of `keras.ops`: inside
    `tf.data` that is TensorFlow, whatever backend trains the model.
    """

    def __call__(self, inputs: Any, **kwargs: Any) -> Tensor:
        if isinstance(inputs, int | float | list | tuple):
            inputs = np.asarray(inputs)
        return super().__call__(inputs, **kwargs)
