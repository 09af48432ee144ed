"""Tensors as JSON: a flat list, or one nested as the shape says."""

import itertools
import json
from typing import Any

import numpy as np

from serving.errors import invalid_argument
from serving.protocol.open_inference.binary_data import as_bytes
from serving.protocol.open_inference.datatypes import datatype_of

_TYPES = {
    "f": {int, float},
    "V": {int, float},  # the kind of bfloat16
    "i": {int},
    "u": {int},
    "b": {bool},
    "O": {str},
}
_CLIP = 60


def decode_json_data(
    data: Any, shape: tuple[int, ...], count: int, dtype: np.dtype
) -> np.ndarray:
    """Reads the elements of a tensor.

    Numbers beyond a float type become infinity; integers must fit theirs.

    Args:
        data: A parsed JSON value.
        shape: What the request says of it.
        count: The number of elements of that shape.
        dtype: Of the elements; object for BYTES.

    Returns:
        The elements, flat.

    Raises:
        StatusError: INVALID_ARGUMENT that says what is wrong.

    Example:

    >>> decode_json_data([[1, 2.5], [3, 4]], (2, 2), 4, np.dtype(np.float32))
    array([1. , 2.5, 3. , 4. ], dtype=float32)
    """
    if type(data) is not list:
        if shape:
            raise invalid_argument(f"its data is {clip(data)}, expected a list")
        data = [data]
    elements = _flatten(data, shape)
    if len(elements) != count:
        raise invalid_argument(
            f"its shape takes {count} elements, its data has {len(elements)}"
        )
    allowed = _TYPES[dtype.kind]
    wrong = set(map(type, elements)) - allowed
    if wrong:
        culprit = next(each for each in elements if type(each) in wrong)
        raise invalid_argument(
            f"its data holds {clip(culprit)}, expected "
            f"{' or '.join(sorted(each.__name__ for each in allowed))}"
        )
    if dtype.kind == "O":
        array = np.empty(count, object)
        array[:] = list(map(str.encode, elements))
        return array
    try:
        with np.errstate(over="ignore"):
            return np.array(elements, dtype)
    except OverflowError:
        info = np.iinfo(dtype)
        culprit = next(each for each in elements if not info.min <= each <= info.max)
        raise invalid_argument(
            f"its data holds {culprit}, outside {info.min} to {info.max}"
        ) from None


def encode_json_data(name: str, array: np.ndarray) -> np.ndarray | list:
    """Returns the flat elements as what orjson writes.

    Raises:
        StatusError: INVALID_ARGUMENT for bytes that are not UTF-8.
    """
    flat = array.ravel()
    kind = datatype_of(array)
    if kind == "BF16":
        return flat.astype(np.float32)
    if kind != "BYTES":
        return flat
    try:
        return [as_bytes(each).decode() for each in flat.tolist()]
    except UnicodeDecodeError:
        raise invalid_argument(
            f"Output '{name}' holds bytes that are not UTF-8, which JSON cannot carry. "
            "Ask for it with the parameter binary_data."
        ) from None


def clip(value: Any) -> str:
    """Writes a JSON value for an error message, cut where it is long.

    Example:

    >>> clip("x" * 100)
    '"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...'
    """
    if type(value) in (list, dict):
        return "a list" if type(value) is list else "an object"
    head = value[:_CLIP] if type(value) is str else value
    text = json.dumps(head)
    return text if len(text) <= _CLIP else f"{text[:_CLIP]}..."


def _flatten(data: list, shape: tuple[int, ...]) -> list:
    if list not in set(map(type, data)):
        return data
    level = data
    for depth, size in enumerate(shape):
        if depth:
            if set(map(type, level)) - {list}:
                raise invalid_argument("its data has values beside lists")
            sizes = set(map(len, level))
            level = list(itertools.chain.from_iterable(level))
        else:
            sizes = {len(level)}
        if sizes - {size}:
            raise invalid_argument(
                f"its data has {min(sizes - {size})} elements on axis {depth}, its "
                f"shape {size}"
            )
    if list in set(map(type, level)):
        raise invalid_argument(
            f"its data is nested deeper than the {len(shape)} axes of its shape"
        )
    return level
