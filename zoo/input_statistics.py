"""Mean and deviation of the inputs of a training, and inputs that are far from them.

This module imports numpy only: servers use it, too.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

FAR = 5.0  # deviations between two means, and the ratio of two deviations
_LEAST = 20  # values that have a standard deviation to speak of
_MEASURED = 1 << 20  # values of a training that are measured, of rows spread evenly
_LOOKED_AT = 1 << 16  # values of other inputs that are looked at


@dataclasses.dataclass(frozen=True)
class InputStatistics:
    r"""Mean and standard deviation of the inputs that a model was trained on.

    Inputs with the mean :math:`m` and the deviation :math:`s` over :math:`n` samples
    are far from those with :math:`\mu` and :math:`\sigma` where

    .. math::

        |m - \mu| > 5 \sigma \left(1 + \frac{1}{\sqrt{n}}\right)
        \quad\text{or}\quad \frac{s}{\sigma} \notin \left[\frac{1}{5}, 5\right]

    as those in another unit are: Kelvin for Celsius, pixels of 0 to 1 for bytes.

    Args:
        mean: One for each feature, the last axis of the inputs, or one for all; NaN
            where a feature is no quantity.
        deviation: Likewise.
        names: Of the features, where they have any.
    """

    mean: np.ndarray
    deviation: np.ndarray
    names: tuple[str, ...] = ()

    def describe(self) -> dict[str, Any]:
        """Returns them for a JSON file; `parse` reads it."""
        found = {"mean": _numbers(self.mean), "deviation": _numbers(self.deviation)}
        return found | ({"names": list(self.names)} if self.names else {})

    def difference(self, x: np.ndarray) -> str:
        """Says how far inputs are from those of the training; nothing if they are not.

        Args:
            x: Samples of shape (samples, ..., features); NaN is a missing value.

        >>> pixels = InputStatistics(np.array([33.3]), np.array([78.6]))
        >>> print(pixels.difference(np.linspace(0, 1, 784).reshape(1, 28, 28, 1)))
        a standard deviation of 0.289, in training 78.6
        >>> pixels.difference(np.linspace(0, 255, 784).reshape(1, 28, 28, 1))
        ''
        """
        values = self._by_feature(x)
        if values is None:
            return ""
        with np.errstate(invalid="ignore"):
            present = np.isfinite(values)
            counts = np.maximum(present.sum(axis=0), 1)
            filled = np.where(present, values, 0.0)
            mean = filled.sum(axis=0) / counts
            squares = np.where(present, (filled - mean) ** 2, 0.0).sum(axis=0) / counts
            deviation = np.sqrt(squares)
            allowed = FAR * self.deviation * (1 + 1 / np.sqrt(max(1, len(x))))
            known = present.any(axis=0) & (self.deviation > 0)
            is_shifted = known & (np.abs(mean - self.mean) > allowed)
            ratio = deviation / np.where(known, self.deviation, 1.0)
            is_scaled = known & (counts >= _LEAST) & (deviation > 0)
            is_scaled &= (ratio > FAR) | (ratio < 1 / FAR)
        far = np.flatnonzero(is_shifted | is_scaled)
        if not len(far):
            return ""
        first = int(far[0])
        what, found, known_as = "mean", mean, self.mean
        if not is_shifted[first]:
            what, found, known_as = "standard deviation", deviation, self.deviation
        sentence = f"a {what} of {found[first]:.3g}, in training {known_as[first]:.3g}"
        if len(self.mean) == 1:
            return sentence
        name = repr(self.names[first]) if self.names else f"feature {first + 1}"
        more = f" (and {len(far) - 1} more features)" if len(far) > 1 else ""
        return f"{name} with {sentence}{more}"

    def _by_feature(self, x: np.ndarray) -> np.ndarray | None:
        """Values of shape (values, features); None of other inputs."""
        if x.dtype.kind not in "biuf" or not x.ndim or not x.size:
            return None
        if len(self.mean) not in (1, x.shape[-1]):
            return None
        values = x.reshape(-1, len(self.mean))
        step = -(-x.size // _LOOKED_AT) | 1  # odd: no column of pictures by itself
        return np.asarray(values[::step], "float64")


def measure(
    x: np.ndarray, *, by_feature: bool, names: Sequence[str] = ()
) -> InputStatistics | None:
    """Measures the samples of a training.

    Args:
        x: Samples of shape (samples, ..., features).
        by_feature: Whether each feature is measured by itself, as in tables, or all of
            them together, as in pictures.
        names: Of the features.

    Returns:
        Mean and deviation; None of samples that are no numbers.

    >>> measure(np.array([[1.0, 10.0], [3.0, 30.0]]), by_feature=True).describe()
    {'mean': [2.0, 20.0], 'deviation': [1.0, 10.0]}
    """
    if x.dtype.kind not in "biuf" or x.ndim < 2:
        return None
    step = -(-x.size // _MEASURED)
    rows = np.asarray(x[::step], "float64")
    values = rows.reshape(-1, x.shape[-1] if by_feature else 1)
    values = np.where(np.isfinite(values), values, np.nan)
    empty = np.isnan(values).all(axis=0)
    values[:, empty] = 0.0
    mean = np.where(empty, np.nan, np.nanmean(values, axis=0))
    deviation = np.where(empty, np.nan, np.nanstd(values, axis=0))
    return InputStatistics(mean, deviation, tuple(names))


def parse(held: Mapping[str, Any]) -> InputStatistics:
    """Reads what `InputStatistics.describe` returned.

    >>> parse({"mean": [1.0, None], "deviation": [2.0, None]}).mean
    array([ 1., nan])
    """
    mean, deviation = (np.array(held[k], "float64") for k in ("mean", "deviation"))
    return InputStatistics(mean, deviation, tuple(held.get("names", ())))


def _numbers(values: np.ndarray) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values]
