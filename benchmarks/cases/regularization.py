"""Layers that regularize in training."""

from benchmarks.cases import LayerCase

CASES = [
    LayerCase("Dropout", {"rate": 0.5}, (256, 1024)),
    LayerCase("GaussianNoise", {"stddev": 0.5}, (256, 1024)),
    LayerCase("SpatialDropout1D", {"rate": 0.5}, (32, 128, 128)),
    LayerCase("SpatialDropout2D", {"rate": 0.5}, (32, 32, 32, 64)),
]
