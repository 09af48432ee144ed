"""Fully connected layer."""

from benchmarks.cases import LayerCase

CASES = [
    LayerCase("Dense", {"units": 512, "activation": "relu"}, (64, 784)),
    LayerCase("Dense", {"units": 1024, "activation": "relu"}, (64, 1024)),
]
