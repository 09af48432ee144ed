"""Embedding."""

from benchmarks.cases import LayerCase


def _words(rng, shape):
    return rng.integers(0, 20000, size=shape).astype("int32")


CASES = [
    LayerCase(
        "Embedding", {"input_dim": 20000, "output_dim": 64}, (32, 50), draw=_words
    ),
]
