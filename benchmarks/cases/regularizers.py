"""Regularizers of a kernel, and of activations."""

import numpy as np
from keras import ops

from benchmarks.cases import FunctionCase, ObjectCase

_RNG = np.random.default_rng(1)
_KERNEL = (_RNG.normal(size=(784, 512)),)
_ACTIVATIONS = (_RNG.uniform(size=(128, 512)),)


def divergence(x):
    """The formula for a rate of 0.05, as it stands."""
    mean = ops.mean(x, axis=0)
    return ops.sum(
        0.05 * ops.log(0.05 / mean) + 0.95 * ops.log(0.95 / (1 - mean)),
    )


class Divergence:
    """The same, of a batch."""

    def __call__(self, x):
        return divergence(x) * x.shape[0]


CASES = [
    ObjectCase("L1", _KERNEL),
    ObjectCase("L2", _KERNEL),
    ObjectCase("L1L2", _KERNEL, {"l1": 0.01, "l2": 0.01}),
    ObjectCase("SparsityPenalty", _ACTIVATIONS, kind="losses", peer=Divergence),
    FunctionCase("sparsity_penalty", _ACTIVATIONS, kind="losses", peer=divergence),
]
