"""Convolution layers, on images and sequences as in the middle of a network."""

from benchmarks.cases import LayerCase

IMAGES = (32, 32, 32, 64)

CASES = [
    LayerCase(
        "Conv1D",
        {"filters": 128, "kernel_size": 3, "activation": "relu"},
        (32, 128, 128),
    ),
    LayerCase(
        "Conv1D",
        {"filters": 128, "kernel_size": 3, "padding": "causal"},
        (32, 128, 128),
    ),
    LayerCase(
        "Conv2D",
        {"filters": 64, "kernel_size": 3, "padding": "same", "activation": "relu"},
        IMAGES,
    ),
    LayerCase(
        "Conv2D",
        {"filters": 64, "kernel_size": 3, "padding": "same", "groups": 4},
        (8, 16, 16, 64),
    ),
    LayerCase(
        "Conv2DTranspose",
        {"filters": 32, "kernel_size": 3, "strides": 2, "padding": "same"},
        (32, 16, 16, 64),
    ),
    LayerCase("DepthwiseConv2D", {"kernel_size": 3, "padding": "same"}, IMAGES),
    LayerCase(
        "SeparableConv2D", {"filters": 64, "kernel_size": 3, "padding": "same"}, IMAGES
    ),
]
