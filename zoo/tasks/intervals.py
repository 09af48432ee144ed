"""Confidence intervals of fractions."""

import math
import statistics
from collections.abc import Sequence

_Z = 1.959963984540054  # 97.5 % quantile of the standard normal distribution


def wilson(fraction: float, samples: int) -> tuple[float, float]:
    r"""Returns the 95 % confidence interval of a fraction of independent samples.

    .. math::

        \frac{1}{1 + z^2 / n} \Big(p + \frac{z^2}{2n} \pm
        z \sqrt{\frac{p (1 - p)}{n} + \frac{z^2}{4 n^2}}\Big), \quad z = 1.96

    Unlike :math:`p \pm z \sqrt{p (1 - p) / n}` it stays within 0 and 1, and has a width
    where all samples, or none, are right.

    Args:
        fraction: The measured fraction :math:`p`, as of correct answers.
        samples: Number of samples :math:`n`, 1 or more.

    Reference:
        Wilson, 1927, Probable inference, the law of succession, and statistical
        inference.

    Example:

    >>> low, high = wilson(0.9, 100)
    >>> round(low, 4), round(high, 4)
    (0.8256, 0.9448)
    """
    z2 = _Z**2 / samples
    centre = (fraction + z2 / 2) / (1 + z2)
    spread = fraction * (1 - fraction) / samples + z2 / (4 * samples)
    half = _Z * math.sqrt(spread) / (1 + z2)
    return max(0.0, centre - half), min(1.0, centre + half)


def mean_interval(values: Sequence[float]) -> tuple[float, float]:
    r"""Returns the 95 % confidence interval of the mean of a few values.

    .. math::

        \bar{x} \pm t_{n-1} \frac{s}{\sqrt{n}}

    with the standard deviation :math:`s` of the values and the quantile :math:`t` of
    Student's distribution. Values of cross-validation are not independent, since folds
    share training samples: their interval is an approximation.

    Args:
        values: Two or more.

    Example:

    >>> low, high = mean_interval([0.9, 1.0, 0.8])
    >>> round(low, 4), round(high, 4)
    (0.6516, 1.1484)
    """
    from scipy.stats import t

    half = statistics.stdev(values) / math.sqrt(len(values))
    half *= float(t.ppf(0.975, len(values) - 1))
    mean = statistics.fmean(values)
    return mean - half, mean + half
