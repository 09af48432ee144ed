"""The alias method: drawing from a discrete distribution in constant time."""

from collections.abc import Sequence

import numpy as np


def alias_table(weights: Sequence[float] | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    r"""Builds the alias table of a discrete distribution.

    With an index `i` drawn uniformly and `u` from `[0, 1)`, the sample is `i` where
    `u < shares[i]` and `aliases[i]` elsewhere:

    .. math::

        \frac{w_i}{\sum_k w_k}
            = \frac{1}{n} \left(s_i + \sum_{j : a_j = i} (1 - s_j)\right)

    Args:
        weights: Unnormalized probabilities `w`.

    Returns:
        Probabilities `s` of keeping an index, and aliases `a`.

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
