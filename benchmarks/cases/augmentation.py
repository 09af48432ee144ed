"""Layers that change images at random in training."""

import keras

from benchmarks.cases import LayerCase


class ErasedStretches(keras.layers.Layer):
    """Keras' erasing of rectangles, of the whole width and of the whole height."""

    def __init__(self, masks):
        super().__init__()
        self.layers = [
            keras.layers.RandomErasing(1.0, scale=scale, fill_value=0)
            for scale in ((0.05, 0.2), (0.05, 0.2))
            for _ in range(masks)
        ]

    def call(self, x, training=None):
        for layer in self.layers:
            x = layer(x, training=training)
        return x


_IMAGES = (64, 32, 32, 3)

CASES = [
    LayerCase("RandomFlip", {"mode": "horizontal"}, _IMAGES),
    LayerCase("RandomFlip", {}, _IMAGES),
    LayerCase(
        "RandomTranslation", {"height_factor": 0.1, "width_factor": 0.1}, _IMAGES
    ),
    LayerCase("RandomRotation", {"factor": 0.1}, _IMAGES),
    LayerCase("RandomZoom", {"height_factor": 0.2}, _IMAGES),
    LayerCase("RandomContrast", {"factor": 0.2}, _IMAGES),
    LayerCase("SpecAugment", {"masks": 2}, (64, 98, 40, 1), peer=ErasedStretches),
]
