"""Values to arrays of a type, without silent loss."""

from typing import Any

import numpy as np

from serving.errors import ServingError

_FEW = 3  # of the elements that do not fit, as many are named


def cast(name: str, value: Any, dtype: np.dtype | None) -> np.ndarray:
    """Returns a value as an array of a type that holds it.

    A float is rounded to the nearest of a narrower type, and an integer to the nearest
    float. A number never becomes infinity, an integer never wraps around or loses a
    fraction, and numbers, booleans and strings never become each other.

    Args:
        name: Of the input or output, for the error.
        value: An array, or what `numpy.asarray` takes.
        dtype: The type; `object` for strings and bytes. None keeps the value's own.

    Raises:
        ServingError: If the value is no array, or does not fit.

    Example:

    >>> cast("x", [0.1, 2], np.dtype(np.float32)).dtype
    dtype('float32')
    >>> cast("x", [1.0, 2.0], np.dtype(np.int64)).tolist()
    [1, 2]
    >>> cast("x", 1e300, np.dtype(np.float32))
    Traceback (most recent call last):
    serving.errors.ServingError: 'x' takes float32, which does not hold 1e+300.
    """
    array = _as_array(name, value)
    if dtype == np.uint64 and array.dtype == np.float64:
        array = _wide_integers(value, array)
    if dtype is None or array.dtype == dtype:
        return array
    if not array.size and array.dtype.kind != "O":
        return array.astype(dtype)
    if not _is_kind(array, dtype):
        raise ServingError(
            f"{name!r} takes {_word(dtype)}. Received: {_word(array.dtype)}, "
            f"{_elements(array)}."
        )
    return array if dtype.kind == "O" else _convert(name, array, dtype)


def _as_array(name: str, value: Any) -> np.ndarray:
    try:
        array = np.asarray(value)
        if array.dtype.kind in "SU" and not isinstance(value, np.ndarray):
            # numpy's own strings would lose NULs at the end.
            array = np.asarray(value, object)
        elif array.dtype.kind in "SU":
            array = array.astype(object)
        if array.dtype.kind == "O":
            array = _from_objects(array)
    except (ValueError, TypeError, OverflowError) as error:
        raise ServingError(f"{name!r} is no array: {error}") from None
    if array.dtype.kind not in "biufOV":
        raise ServingError(
            f"{name!r} is an array of {array.dtype}; expected numbers, booleans or "
            "strings."
        )
    return array


def _from_objects(array: np.ndarray) -> np.ndarray:
    """Returns strings as they are, and integers beyond int64 as integers."""
    kinds = set(map(type, array.flat))
    if all(issubclass(kind, (str, bytes)) for kind in kinds):
        return array
    if _are_natural(array):
        return array.astype(np.uint64)
    raise TypeError(
        f"it holds {', '.join(sorted(kind.__name__ for kind in kinds))}; expected "
        "numbers of 64 bits, booleans or strings, in lists of equal length"
    )


def _wide_integers(value: Any, array: np.ndarray) -> np.ndarray:
    """Returns the integers that numpy made floats, because some are beyond int64."""
    objects = np.asarray(value, object)
    return objects.astype(np.uint64) if _are_natural(objects) else array


def _are_natural(array: np.ndarray) -> bool:
    return set(map(type, array.flat)) <= {int} and min(array.flat, default=0) >= 0


def _is_kind(array: np.ndarray, dtype: np.dtype) -> bool:
    numbers = "iuf" if dtype.kind in "iufV" else dtype.kind
    return array.dtype.kind in numbers


def _convert(name: str, array: np.ndarray, dtype: np.dtype) -> np.ndarray:
    with np.errstate(all="ignore"):  # What does not fit is found below.
        converted = array.astype(dtype)
        if dtype.kind == "f":
            lost = np.isinf(converted) & np.isfinite(array)
        elif dtype.kind in "iu":
            lost = ~_is_same_integer(array, converted)
        else:
            lost = np.zeros(array.shape, bool)
    if lost.any():
        raise ServingError(
            f"{name!r} takes {_word(dtype)}, which does not hold "
            f"{_elements(array[lost])}."
        )
    return converted


def _is_same_integer(array: np.ndarray, converted: np.ndarray) -> np.ndarray:
    info = np.iinfo(converted.dtype)
    if array.dtype.kind in "iu":
        own = np.iinfo(array.dtype)
        low, high = max(info.min, own.min), min(info.max, own.max)
        return (array >= low) & (array <= high)
    # Floats: 2**63 is one, the largest int64 is none.
    high = float(info.max) + 1 if info.bits > 52 else float(info.max)
    above = array >= high if info.bits > 52 else array > high
    return (array == np.floor(array)) & (array >= float(info.min)) & ~above


def _elements(array: np.ndarray) -> str:
    shown = ", ".join(f"{element!s:.60}" for element in array.flat[:_FEW])
    return shown + (", ..." if array.size > _FEW else "")


def _word(dtype: np.dtype) -> str:
    return "strings" if dtype.kind == "O" else dtype.name
