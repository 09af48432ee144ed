"""Initializers."""

from benchmarks.cases import InitializerCase

KERNEL = (784, 512)

CASES = [
    InitializerCase(name, KERNEL)
    for name in (
        "Zeros",
        "Ones",
        "Constant",
        "RandomNormal",
        "RandomUniform",
        "TruncatedNormal",
        "GlorotNormal",
        "GlorotUniform",
        "HeNormal",
        "HeUniform",
        "LecunNormal",
        "Orthogonal",
    )
]
