"""Drawing from a distribution over many numbers in constant time."""

from collections.abc import Sequence

import numpy as np


def alias_table(weights: Sequence[float] | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Makes the table from which numbers are drawn in proportion to weights.

    With a number `i` drawn evenly and `u` from `[0, 1)`, the draw is `i` where
    `u < shares[i]` and `aliases[i]` otherwise:
    `weights[i] / sum(weights) = (shares[i] + sum_(aliases[j] = i) (1 - shares[j])) / n`

    Args:
        weights: How likely each number is, relative to the others.

    Returns:
        Shares and aliases.

    Example:

    >>> shares, aliases = alias_table([3, 1])
    >>> shares.tolist(), aliases.tolist()
    ([1.0, 0.5], [0, 0])

    Reference:
        Walker, 1977, An efficient method for generating discrete random variables
        with general distributions.
    """
    weights = np.asarray(weights, "float64")
    shares = weights / weights.sum() * len(weights)
    aliases = np.arange(len(weights))
    small = [i for i, share in enumerate(shares) if share < 1]
    large = [i for i, share in enumerate(shares) if share >= 1]
    while small and large:
        poor, rich = small.pop(), large.pop()
        aliases[poor] = rich
        shares[rich] -= 1 - shares[poor]
        (small if shares[rich] < 1 else large).append(rich)
    # What is left has a share of 1 but for rounding.
    shares[small + large] = 1
    return shares, aliases
