"""JSON values to arrays and back, with TensorFlow Serving's rules.

Nested lists are taken apart level by level with functions that loop in C, so a big body
stays affordable. What is wrong with a value is looked for only when something is, one
value after the other, as TensorFlow Serving does.
"""

import base64
import binascii
import itertools
import json
import math
from typing import Any, TypeGuard

import numpy as np
import orjson

from serving.errors import Code, StatusError, invalid_argument
from serving.protocol.decimals import format_floats
from serving.protocol.signature_def import NUMPY_DTYPES, TensorInfo, format_shape

_JSON_TYPES = {"f": {int, float}, "i": {int}, "u": {int}, "b": {bool}, "O": {str, dict}}
_MAX_RANK = 32
_TYPE_WORDS = {dict: "Object", list: "Array", str: "String", type(None): "Null"}


def decode_tensor(value: Any, spec: TensorInfo) -> np.ndarray:
    """Converts a parsed JSON value to an array of the type that `spec` has.

    Its shape is the value's own: only the graph knows which shapes it takes. A number
    is rounded to the nearest one of a float type, which may be infinite. Strings and
    `{"b64": ...}` objects become `bytes` in an object array.

    Raises:
        StatusError: INVALID_ARGUMENT that names the input and what is wrong.

    Example:

    >>> x = TensorInfo("x", "DT_FLOAT", (None, 2), "x:0")
    >>> decode_tensor([[1, 2.5], [3, 4]], x).tolist()
    [[1.0, 2.5], [3.0, 4.0]]
    """
    dtype = NUMPY_DTYPES.get(spec.dtype)
    if dtype is None:
        raise StatusError(
            Code.UNIMPLEMENTED,
            f"Conversion of JSON Value: {clip(value)} to type: "
            f"{type_label(spec.dtype)}",
        )
    if len(dense_shape(value)) > _MAX_RANK:
        raise invalid_argument(f"Lists are nested more than {_MAX_RANK} levels deep")
    try:
        leaves, shape = flatten(value)
        if set(map(type, leaves)) <= _JSON_TYPES[dtype.kind]:
            return _CONVERT[dtype.kind](leaves, dtype).reshape(shape)
    except (StatusError, OverflowError) as error:
        _find_error(value, dense_shape(value), 0, spec)
        raise error
    _find_error(value, dense_shape(value), 0, spec)
    raise AssertionError("an error that is not found")


def decode_rows(values: list, spec: TensorInfo) -> np.ndarray:
    """Converts the values of one input in a list of instances to one array.

    Raises:
        StatusError: INVALID_ARGUMENT that names the instance and what is wrong.

    Example:

    >>> decode_rows([[1], [2, 3]], TensorInfo("x", "DT_FLOAT", None, "x:0"))
    Traceback (most recent call last):
    serving.errors.StatusError: Failed to process element: 1 of 'instances' list. \
Error: INVALID_ARGUMENT: Expecting tensor size: 1 but got: 2
    """
    try:
        return decode_tensor(values, spec)
    except StatusError as error:
        if error.code is not Code.INVALID_ARGUMENT:
            raise
        for index, value in enumerate(values):
            try:
                _find_row_error(value, values[0], spec)
            except StatusError as found:
                raise invalid_argument(
                    f"Failed to process element: {index} of 'instances' list. "
                    f"Error: INVALID_ARGUMENT: {found}"
                ) from None
        raise


def format_values(name: str, array: np.ndarray) -> list[str]:
    """Formats the values of an array as JSON, in row-major order.

    Strings become base64 objects when `name` ends in `_bytes`, and also when they are
    not UTF-8, which JSON could not carry.

    Raises:
        StatusError: For a type that JSON has no value for.

    Example:

    >>> format_values("x", np.float32([[0.1, 1, np.nan]]))
    ['0.1', '1.0', 'NaN']
    >>> format_values("png_bytes", np.array([b"hello"], object))
    ['{"b64":"aGVsbG8="}']
    """
    kind = array.dtype.kind
    if kind in "iu":
        return [str(value) for value in array.reshape(-1).tolist()]
    if kind == "f" or array.dtype.name == "bfloat16":
        return format_floats(array)
    if kind == "b":
        return ["true" if value else "false" for value in array.reshape(-1).tolist()]
    if kind in "OSU":
        as_base64 = name.endswith("_bytes")
        return [
            orjson.dumps(_encode_string(text, as_base64)).decode()
            for text in array.reshape(-1).tolist()
        ]
    raise invalid_argument(
        f"Failed to write JSON value for tensor type: {array.dtype.name}"
    )


def flatten(value: Any) -> tuple[list, tuple[int, ...]]:
    """Splits a nested list into its leaves and its shape.

    Raises:
        StatusError: INVALID_ARGUMENT for a ragged list.

    Example:

    >>> flatten([[1, 2, 3], [4, 5, 6]])
    ([1, 2, 3, 4, 5, 6], (2, 3))
    """
    leaves, shape = [value], ()
    while list in (kinds := set(map(type, leaves))):
        level = len(shape)
        if len(kinds) > 1:
            culprit = next(leaf for leaf in leaves if type(leaf) is not list)
            raise invalid_argument(
                f"JSON Value: {clip(culprit)} found at incorrect level: {level}, "
                "beside lists; every value must be nested equally deep"
            )
        size, *others = dict.fromkeys(map(len, leaves))
        if others:
            raise invalid_argument(
                f"Encountered list at unexpected size: {others[0]} at level: {level} "
                f"expected size: {size}"
            )
        shape += (size,)
        leaves = list(itertools.chain.from_iterable(leaves))
    return leaves, shape


def is_base64_object(value: Any) -> TypeGuard[dict[str, str]]:
    """Whether a JSON value is `{"b64": "..."}` and nothing else."""
    return type(value) is dict and value.keys() == {"b64"} and type(value["b64"]) is str


def decode_base64(text: str) -> bytes:
    """Decodes base64 with or without padding and line breaks.

    Raises:
        StatusError: INVALID_ARGUMENT when it is not base64.
    """
    text = "".join(text.split())
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise invalid_argument(f"Unable to base64 decode {clip(text)}") from None


def type_label(dtype: str) -> str:
    """Writes `DT_FLOAT` the way TensorFlow's messages do.

    Example:

    >>> type_label("DT_FLOAT"), type_label("DT_INT32")
    ('float', 'int32')
    """
    return dtype.removeprefix("DT_").lower()


def clip(value: Any, limit: int = 80) -> str:
    """Formats a JSON value for an error message, truncated to `limit` characters."""
    # A container is truncated before it is written: it could be megabytes.
    head = value[:limit] if isinstance(value, (str, list)) else value
    text = json.dumps(head, default=str) if type(head) is not dict else "{...}"
    return text if len(text) <= limit else text[:limit] + "..."


def dense_shape(value: Any) -> tuple[int, ...]:
    """Returns the shape of a nested list, going by the first element of each list."""
    shape = ()
    while type(value) is list:
        shape += (len(value),)
        value = value[0] if value else None
    return shape


def _find_row_error(value: Any, first: Any, spec: TensorInfo) -> None:
    _find_error(value, dense_shape(value), 0, spec)
    want, got = dense_shape(first), dense_shape(value)
    if math.prod(want) != math.prod(got):
        raise invalid_argument(
            f"Expecting tensor size: {math.prod(want)} but got: {math.prod(got)}"
        )
    if want != got:
        raise invalid_argument(
            f"Expecting shape {format_shape(want)} but got: {format_shape(got)}"
        )


def _find_error(
    value: Any, shape: tuple[int, ...], level: int, spec: TensorInfo
) -> None:
    """Raises what is wrong with a value, if anything is."""
    if type(value) is not list:
        if level != len(shape):
            raise invalid_argument(
                f"JSON Value: {clip(value)} found at incorrect level: {level + 1} "
                f"in the JSON DOM. Expected at level: {len(shape)}"
            )
        _check_leaf(value, spec)
        return
    if level >= len(shape):
        raise invalid_argument(
            f"Encountered list at unexpected level: {level} expected < {len(shape)}"
        )
    if len(value) != shape[level]:
        raise invalid_argument(
            f"Encountered list at unexpected size: {len(value)} at level: {level} "
            f"expected size: {shape[level]}"
        )
    for element in value:
        _find_error(element, shape, level + 1, spec)


def _check_leaf(value: Any, spec: TensorInfo) -> None:
    dtype = NUMPY_DTYPES[spec.dtype]
    if dtype.kind == "O" and type(value) in (str, dict):
        _decode_string(value)
        return
    fits = type(value) in _JSON_TYPES[dtype.kind]
    if dtype.kind in "iu" and fits:
        limits = np.iinfo(dtype)
        fits = limits.min <= value <= limits.max
    if not fits:
        word = (
            str(value)
            if type(value) is bool
            else _TYPE_WORDS.get(type(value), "Number")
        )
        raise invalid_argument(
            f"JSON Value: {clip(value)} Type: {word} is not of expected type: "
            f"{type_label(spec.dtype)}"
        )


def _floats(leaves: list, dtype: np.dtype) -> np.ndarray:
    with np.errstate(over="ignore"):
        return np.array(leaves, np.float64).astype(dtype)


def _exact(leaves: list, dtype: np.dtype) -> np.ndarray:
    return np.array(leaves, dtype)


def _strings(leaves: list, dtype: np.dtype) -> np.ndarray:
    array = np.empty(len(leaves), dtype)
    array[:] = [_decode_string(leaf) for leaf in leaves]
    return array


_CONVERT = {
    "f": _floats,
    "i": _exact,
    "u": _exact,
    "b": _exact,
    "O": _strings,
}


def _decode_string(value: str | dict) -> bytes:
    if type(value) is str:
        try:
            return value.encode()
        except UnicodeEncodeError:
            raise invalid_argument("The surrogate pair in string is invalid.") from None
    if not is_base64_object(value):
        raise invalid_argument(
            f"JSON Value: {clip(value)} not formatted correctly for base64 data"
        )
    return decode_base64(value["b64"])


def _encode_string(text: Any, as_base64: bool) -> str | dict[str, str]:
    if not isinstance(text, (str, bytes)):
        raise invalid_argument(
            f"Failed to write JSON value for {type(text).__name__}: expected a string"
        )
    data = text.encode() if isinstance(text, str) else text
    if not as_base64:
        try:
            return data.decode()
        except UnicodeDecodeError:
            pass  # Not a text after all, so it travels as bytes.
    return {"b64": base64.b64encode(data).decode()}
