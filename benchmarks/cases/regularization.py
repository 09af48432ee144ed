"""Layers that regularize in training."""

import keras
from keras import ops

from benchmarks.cases import LayerCase


class KerasSampling(keras.layers.Layer):
    """The formula with Keras' random numbers."""

    def __init__(self):
        super().__init__()
        self.seed = keras.random.SeedGenerator()

    def call(self, mean, log_variance, training=False):
        if not training:
            return mean
        noise = keras.random.normal(ops.shape(mean), seed=self.seed)
        return mean + ops.exp(0.5 * log_variance) * noise


CASES = [
    LayerCase("Dropout", {"rate": 0.5}, (256, 1024)),
    LayerCase("GaussianNoise", {"stddev": 0.5}, (256, 1024)),
    LayerCase("SpatialDropout1D", {"rate": 0.5}, (32, 128, 128)),
    LayerCase("SpatialDropout2D", {"rate": 0.5}, (32, 32, 32, 64)),
    LayerCase("GaussianSampling", {}, [(256, 64), (256, 64)], peer=KerasSampling),
]
