"""Numbers as TensorFlow Serving writes them in JSON.

A float is written with six digits (`%.6g`), or with as many as its type needs (9 for
float32, 17 for float64) where six would be read back as another number; a whole number
gets `.0`; NaN and infinities are `NaN`, `Infinity` and `-Infinity`.
"""

import array
from collections.abc import Sequence

import numpy as np
import orjson

_SMALL = 64  # fewer numbers are formatted one by one
_NOT_FINITE = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def format_floats(numbers: np.ndarray) -> list[str]:
    """Formats the numbers of an array, in row-major order.

    Args:
        numbers: Of float16, float32, bfloat16 or float64.

    Example:

    >>> format_floats(np.float32([0.2, 1, 9e6, 3e-5, 1 / 3, np.nan]))
    ['0.2', '1.0', '9e+06', '3e-05', '0.333333343', 'NaN']
    """
    if numbers.dtype != np.float64:
        numbers = numbers.astype(np.float32, copy=False)
    flat = numbers.reshape(-1)
    if flat.size <= _SMALL or flat.dtype == np.float64:
        return _format_each(flat)
    with np.errstate(all="ignore"):
        wide = flat.astype(np.float64)
        size = np.abs(wide)
        six = _round_digits(wide, size, 6)
        short = six.astype(np.float32) == flat
        decimals = np.where(short, six, _round_digits(wide, size, 9))
        # Here the shortest text of the decimal is also what printf writes.
        plain = (size >= 1e-4) & (size < np.where(short, 999999.5, 1e8))
        plain &= decimals.astype(np.float32) == flat
    tokens = (
        orjson.dumps(np.where(plain, decimals, 0.0), option=orjson.OPT_SERIALIZE_NUMPY)
        .decode()[1:-1]
        .split(",")
    )
    others = np.flatnonzero(~plain)
    for index, token in zip(others.tolist(), _format_each(flat[others]), strict=True):
        tokens[index] = token
    return tokens


def nest(tokens: Sequence[str], shape: tuple[int, ...]) -> str:
    """Joins the values of an array, in row-major order, as nested lists.

    Example:

    >>> nest(["1", "2", "3", "4"], (2, 2)), nest([], (2, 0)), nest(["5"], ())
    ('[[1,2],[3,4]]', '[[],[]]', '5')
    """
    if not tokens:
        return orjson.dumps(np.zeros(shape).tolist()).decode()
    if len(shape) == 1:
        return f"[{','.join(tokens)}]"
    count, rank = len(tokens), len(shape)
    separators = [","] * (count + 1)
    stride = 1
    for axis in range(1, rank):
        stride *= shape[-axis]
        boundaries = range(stride, count, stride)
        separator = "]" * axis + "," + "[" * axis
        separators[stride:count:stride] = [separator] * len(boundaries)
    separators[0], separators[count] = "[" * rank, "]" * rank
    parts = [""] * (2 * count + 1)
    parts[0::2] = separators
    parts[1::2] = tokens
    return "".join(parts)


def _format_each(flat: np.ndarray) -> list[str]:
    values = flat.tolist()
    tokens = ("%.6g " * len(values) % tuple(values)).split()
    # Rounded to the type of the array, and back.
    again = array.array(flat.dtype.char, map(float, tokens)).tolist()
    digits = "%.9g" if flat.dtype == np.float32 else "%.17g"
    return [
        _finish(token if value == read else digits % value)
        for token, value, read in zip(tokens, values, again, strict=True)
    ]


def _finish(token: str) -> str:
    if "." in token or "e" in token:
        return token
    return _NOT_FINITE.get(token) or token + ".0"


def _round_digits(wide: np.ndarray, size: np.ndarray, digits: int) -> np.ndarray:
    scale = 10.0 ** (digits - 1 - np.floor(np.log10(size)))
    return np.rint(wide * scale) / scale
