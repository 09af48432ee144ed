"""JSON values to arrays and back, with TensorFlow Serving's rules about types.

Nested lists are taken apart level by level with functions that loop in C, so a
wrong type or a ragged row is found exactly and a big body stays affordable.
"""

import base64
import binascii
import itertools
import json
from typing import Any, TypeGuard

import numpy as np

from serving.errors import Code, StatusError, invalid_argument
from serving.protocol.signature_def import NUMPY_DTYPES, TensorInfo, format_shape

_JSON_TYPES = {"f": {int, float}, "i": {int}, "u": {int}, "b": {bool}, "O": {str, dict}}
_TYPE_WORDS = {dict: "Object", list: "Array", str: "String", type(None): "Null"}


def decode_tensor(value: Any, spec: TensorInfo) -> np.ndarray:
    """Converts a parsed JSON value to the array that `spec` describes.

    Strings and `{"b64": ...}` objects become `bytes` in an object array.

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
            f"Input '{spec.name}': conversion of JSON values to type: "
            f"{type_label(spec.dtype)} is not supported",
        )
    try:
        leaves, shape = flatten(value)
        _check_types(leaves, dtype, spec)
        if not spec.accepts(shape):
            raise invalid_argument(
                f"expected shape {format_shape(spec.shape)}, "
                f"received shape {format_shape(shape)}"
            )
        return _CONVERT[dtype.kind](leaves, dtype, spec).reshape(shape)
    except StatusError as error:
        raise StatusError(error.code, f"Input '{spec.name}': {error}") from None


def encode_tensor(name: str, array: np.ndarray) -> Any:
    """Converts an array to nested lists that `json.dumps` can write.

    Strings become base64 objects when `name` ends in `_bytes`, and also when
    they are not UTF-8, which JSON could not carry.

    Raises:
        StatusError: For a type that JSON has no value for.

    Example:

    >>> encode_tensor("x", np.float32([0.1, 1, np.nan]))
    [0.1, 1.0, nan]
    >>> encode_tensor("png_bytes", np.array([b"hello"], object))
    [{'b64': 'aGVsbG8='}]
    """
    if array.dtype.kind in "iub" or array.dtype == np.float64:
        return array.tolist()
    if array.dtype.kind == "f":
        return _shortest_decimals(array.astype(np.float32)).tolist()
    if array.dtype.kind in "OSU":
        as_base64 = name.endswith("_bytes")
        encoded = np.empty(array.size, object)
        encoded[:] = [_encode_string(text, as_base64) for text in array.flat]
        return encoded.reshape(array.shape).tolist()
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


def _check_types(leaves: list, dtype: np.dtype, spec: TensorInfo) -> None:
    wrong = set(map(type, leaves)) - _JSON_TYPES[dtype.kind]
    if wrong:
        raise _type_error(next(leaf for leaf in leaves if type(leaf) in wrong), spec)


def _type_error(value: Any, spec: TensorInfo) -> StatusError:
    word = str(value) if type(value) is bool else _TYPE_WORDS.get(type(value), "Number")
    return invalid_argument(
        f"JSON Value: {clip(value)} Type: {word} is not of expected type: "
        f"{type_label(spec.dtype)}"
    )


def _floats(leaves: list, dtype: np.dtype, spec: TensorInfo) -> np.ndarray:
    info = np.finfo(dtype)
    largest_integer = 2 ** (info.nmant + 1) - 1
    try:
        wide = np.array(leaves, np.float64)
    except OverflowError:  # An integer beyond float64, which the loop below finds.
        wide = np.array([np.inf])
    if (np.abs(wide) > min(largest_integer, info.max)).any():
        for leaf in leaves:
            limit = largest_integer if type(leaf) is int else float(info.max)
            if limit < abs(leaf) != np.inf:
                raise invalid_argument(
                    f"Cannot convert JSON value: {clip(leaf)} to "
                    f"{type_label(spec.dtype)} without loss of precision."
                )
    return wide.astype(dtype)


def _integers(leaves: list, dtype: np.dtype, spec: TensorInfo) -> np.ndarray:
    try:
        return np.array(leaves, dtype)
    except OverflowError:
        info = np.iinfo(dtype)
        outside = (leaf for leaf in leaves if not info.min <= leaf <= info.max)
        raise _type_error(next(outside), spec) from None


def _booleans(leaves: list, dtype: np.dtype, spec: TensorInfo) -> np.ndarray:
    return np.array(leaves, dtype)


def _strings(leaves: list, dtype: np.dtype, spec: TensorInfo) -> np.ndarray:
    array = np.empty(len(leaves), dtype)
    array[:] = [_decode_string(leaf) for leaf in leaves]
    return array


_CONVERT = {
    "f": _floats,
    "i": _integers,
    "u": _integers,
    "b": _booleans,
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


def _shortest_decimals(array: np.ndarray) -> np.ndarray:
    """Rounds to the decimals that TensorFlow Serving prints: six, else nine digits.

    The double next to a float32 has noise digits (0.1 is 0.10000000149); the
    double returned here prints without them and is the same float32.
    """
    with np.errstate(invalid="ignore"):  # A NaN may be a signalling one.
        wide = array.astype(np.float64)
    six = _round_digits(wide, 6)
    return np.where(six.astype(np.float32) == array, six, _round_digits(wide, 9))


def _round_digits(wide: np.ndarray, digits: int) -> np.ndarray:
    regular = np.isfinite(wide) & (wide != 0)
    magnitude = np.abs(wide, where=regular, out=np.ones_like(wide))
    scale = 10.0 ** (digits - 1 - np.floor(np.log10(magnitude)))
    return np.where(regular, np.rint(wide * scale) / scale, wide)
