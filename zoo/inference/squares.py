r"""Random numbers of a counter, the same wherever they are computed.

The generator Squares: four rounds of squaring a 64-bit word and exchanging its halves.

.. math::

    x_0 = c k, \quad x_{i + 1} = \mathrm{swap}(x_i^2 + a_i) \bmod 2^{64}

for a counter :math:`c` and a key :math:`k`, with :math:`a_i` in turn :math:`c k` and
:math:`c k + k`. It needs no operator but products and sums, which every format has: an
artifact draws the same numbers as Python.

Reference: Widynski, 2020, Squares: a fast counter-based RNG.
"""

import numpy as np

KEY = 0x548C9DECBCE65297  # of the reference's kind: odd, its digits irregular
DRAWS = 2**16  # numbers that a seed has of its own
BITS = 24  # of a uniform number: as many as single precision holds


def squares(counters: np.ndarray) -> np.ndarray:
    """Returns 32 random bits of each counter, as `uint64`.

    Args:
        counters: Unsigned integers of 64 bits.

    Example:

    >>> squares(np.arange(2, dtype="uint64")).tolist() == [1416404375, 784379063]
    False
    """
    key, half = np.uint64(KEY), np.uint64(32)
    x = y = counters.astype("uint64") * key
    z = y + key
    for added in (y, z, y):
        x = x * x + added
        x = (x >> half) | (x << half)
    return (x * x + z) >> half


def standard_normal(seeds: np.ndarray, size: int) -> np.ndarray:
    r"""Draws numbers of a standard normal distribution for each seed (Box-Muller).

    .. math::

        \sqrt{-2 \ln u} \cos(2 \pi v), \quad u \in (0, 1], \; v \in [0, 1)

    Args:
        seeds: Integers; seeds that differ by a multiple of 2^48 draw the same.
        size: Numbers for each seed, at most 32,768.

    Returns:
        Of shape `(seeds, size)`, `float32`.
    """
    with np.errstate(over="ignore"):
        start = np.asarray(seeds, "int64").astype("uint64") * np.uint64(DRAWS)
        counters = start[:, np.newaxis] + np.arange(2 * size, dtype="uint64")
    whole = (squares(counters) >> np.uint64(32 - BITS)).astype("float32")
    first, second = np.split(whole, 2, axis=1)
    unit = np.float32(2.0**-BITS)
    radius = np.sqrt(-2 * np.log((first + 1) * unit))
    return radius * np.cos(np.float32(2 * np.pi) * (second * unit))
