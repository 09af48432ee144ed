"""Uniform scalar quantization of codes."""

import numpy as np

from zoo.errors import ArgumentError

DEFAULT_BITS = 5
_OUTSIDE = 2.0**40  # of what can be encoded, and still an integer of 64 bits


def step_of(codes: np.ndarray, bits: int | None, step: float | None) -> float:
    r"""Returns the step :math:`\Delta`, a number of 32 bits.

    .. math::

        \Delta = \frac{\max c - \min c}{2^b}

    Args:
        codes: Of all pictures.
        bits: The number :math:`b`; 5 if neither it nor a step is given.
        step: The step itself.

    Raises:
        ArgumentError: If both are given, or one is out of its range.
    """
    if bits is not None and step is not None:
        raise ArgumentError("Give --bits or --step, not both.")
    if step is None:
        bits = DEFAULT_BITS if bits is None else bits
        if not 1 <= bits <= 12:
            raise ArgumentError(f"--bits must be from 1 to 12. Received: {bits}")
        step = float(np.ptp(codes)) / 2**bits or 1.0  # equal codes need no step
    found = float(np.float32(step))
    if not (np.isfinite(found) and found > 0):
        raise ArgumentError(f"--step must be a positive number. Received: {step}")
    return found


def quantize(codes: np.ndarray, step: float) -> np.ndarray:
    r"""Returns the integers :math:`q = \operatorname{round}(c / \Delta)`.

    >>> quantize(np.array([-3.9, 0.4, 1.1]), 0.5)
    array([-8,  1,  2])
    """
    found = np.rint(np.asarray(codes, "float64") / step)
    return np.clip(found, -_OUTSIDE, _OUTSIDE).astype("int64")


def dequantize(symbols: np.ndarray, step: float) -> np.ndarray:
    r"""Returns the codes :math:`\hat c = q \Delta`."""
    return (symbols * step).astype("float32")
