"""Pooling layers."""

from benchmarks.cases import LayerCase

IMAGES = (32, 32, 32, 64)
SEQUENCES = (32, 512, 128)

CASES = [
    LayerCase("MaxPooling1D", {}, SEQUENCES),
    LayerCase("MaxPooling2D", {}, IMAGES),
    LayerCase("AveragePooling1D", {"pool_size": 2}, SEQUENCES),
    LayerCase("AveragePooling2D", {"pool_size": 2}, IMAGES),
    LayerCase("GlobalMaxPooling1D", {}, SEQUENCES),
    LayerCase("GlobalMaxPooling2D", {}, IMAGES),
    LayerCase("GlobalAveragePooling1D", {}, SEQUENCES),
    LayerCase("GlobalAveragePooling2D", {}, IMAGES),
]
