"""Layers that take raw measurements."""

from benchmarks.cases import LayerCase

CASES = [
    LayerCase("Rescaling", {"scale": 1 / 255}, (64, 32, 32, 3)),
    LayerCase("Rescaling", {"scale": 1 / 127.5, "offset": -1.0}, (64, 32, 32, 3)),
    LayerCase("Normalization", {}, (256, 784)),
    LayerCase(
        "Normalization",
        {"mean": [0.48, 0.45, 0.41], "variance": [0.05, 0.05, 0.05]},
        (64, 32, 32, 3),
    ),
]
