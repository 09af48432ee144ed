"""Layers that change images at random in training."""

from benchmarks.cases import LayerCase

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
]
