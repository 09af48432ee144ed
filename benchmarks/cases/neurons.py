"""Neurons without a namesake, beside the form one would write first."""

import keras
import numpy as np
from keras import ops

from benchmarks.cases import LayerCase


class StackedMaxout(keras.layers.Layer):
    """One dense layer for each piece, and the maximum of their stack."""

    def __init__(self, units, pieces):
        super().__init__()
        self.pieces = [keras.layers.Dense(units) for _ in range(pieces)]

    def build(self, input_shape):
        for piece in self.pieces:
            piece.build(input_shape)

    def call(self, inputs):
        return ops.max(ops.stack([piece(inputs) for piece in self.pieces]), axis=0)


class BroadcastRBF(keras.layers.Layer):
    """Takes the differences of all samples and centres at once."""

    def __init__(self, units):
        super().__init__()
        self.units = units

    def build(self, input_shape):
        self.centers = self.add_weight((self.units, input_shape[-1]), "random_normal")
        self.log_gamma = self.add_weight((self.units,), "zeros")

    def call(self, inputs):
        difference = inputs[..., None, :] - self.centers
        distance = ops.sum(ops.square(difference), axis=-1)
        return ops.exp(-ops.exp(self.log_gamma) * distance)


class ComparedSums(keras.layers.Layer):
    """Which sums reach the threshold."""

    def __init__(self, kernel, threshold):
        super().__init__()
        self.kernel = ops.cast(kernel, "float32")
        self.threshold = threshold

    def call(self, inputs):
        sums = ops.matmul(inputs, self.kernel)
        return ops.cast(sums >= self.threshold, "float32")


class DenseThreshold(keras.layers.Dense):
    """Keras' dense layer with a comparison for its activation, which starts at zero."""

    def __init__(self, units):
        super().__init__(
            units, lambda x: ops.cast(x >= 0, x.dtype), kernel_initializer="zeros"
        )


_SIGNS = np.sign(np.random.default_rng(1).normal(size=(784, 256)))

CASES = [
    LayerCase("Maxout", {"units": 240, "pieces": 5}, (128, 784), peer=StackedMaxout),
    LayerCase("Maxout", {"units": 512, "pieces": 2}, (64, 784), peer=StackedMaxout),
    LayerCase("RBF", {"units": 256}, (128, 784), peer=BroadcastRBF),
    LayerCase(
        "McCullochPitts",
        lambda _: {"kernel": _SIGNS, "threshold": 3.0},
        (128, 784),
        peer=ComparedSums,
        differentiable=False,
    ),
    LayerCase(
        "Perceptron",
        {"units": 256},
        (128, 784),
        peer=DenseThreshold,
        differentiable=False,
    ),
]
