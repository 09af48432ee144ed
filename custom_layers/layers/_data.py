"""Base class of layers that also work in a `tf.data` pipeline."""

from typing import Any

import numpy as np
from keras.src.layers.preprocessing.data_layer import DataLayer  # has no public name

from custom_layers._types import Tensor


class NumbersLayer(DataLayer):
    """A data layer that also takes Python numbers and lists of them.

    A data layer computes with `self.backend` instead of `keras.ops`: in `tf.data`
    that is TensorFlow, whatever backend trains the model.
    """

    def __call__(self, inputs: Any, **kwargs: Any) -> Tensor:
        if isinstance(inputs, int | float | list | tuple):
            inputs = np.asarray(inputs)
        return super().__call__(inputs, **kwargs)
