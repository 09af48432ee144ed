"""Layers that normalize, on images and on sequences."""

from benchmarks.cases import LayerCase

CASES = [
    LayerCase("BatchNormalization", {}, (32, 32, 32, 64)),
    LayerCase("BatchNormalization", {}, (128, 28, 28, 32)),
    LayerCase("LayerNormalization", {}, (32, 128, 256)),
    LayerCase("LayerNormalization", {}, (128, 512)),
]
