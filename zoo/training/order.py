"""The order in which an epoch takes the samples."""

import numpy as np


def permutation(seed: int, epoch: int, samples: int) -> np.ndarray:
    """Draws it from the seed and the epoch alone, so that a run can be resumed.

    >>> permutation(0, 1, 5).tolist()
    [1, 4, 3, 0, 2]
    """
    return np.random.default_rng((seed, epoch)).permutation(samples)
