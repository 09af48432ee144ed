"""Layers that move numbers and change none."""

from benchmarks.cases import LayerCase

CASES = [
    LayerCase("Flatten", {}, (32, 32, 32, 64)),
    LayerCase("UpSampling2D", {}, (32, 16, 16, 64)),
    LayerCase("UpSampling2D", {"interpolation": "bilinear"}, (32, 16, 16, 64)),
    LayerCase("UpSampling2D", {"interpolation": "bicubic"}, (32, 16, 16, 64)),
    LayerCase("ZeroPadding2D", {}, (32, 32, 32, 64)),
]
