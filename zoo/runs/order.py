"""The order of the training samples in an epoch."""

import numpy as np


def permutation(seed: int, epoch: int, samples: int) -> np.ndarray:
    """Returns a permutation that only seed and epoch decide, so that runs can resume.

    >>> permutation(0, 1, 5).tolist()
    [1, 4, 3, 0, 2]
    """
    return np.random.default_rng((seed, epoch)).permutation(samples)
