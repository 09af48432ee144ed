"""Predict requests that are one regular array of numbers, read without nested lists.

What is left of such a body without its digits and white space is its skeleton, brackets
and commas alone: `{"instances": [[1, 2], [3, 4]]}` leaves `{"instancs":[[,],[,]]}` (an
`e` is part of numbers, too). The skeleton of an array is regular exactly if it is the
one that its shape has, and the numbers come flat from a SIMD parser, which also proves
that the body is JSON. Anything else is left to `serving.protocol.json_body`.
"""

import math
from typing import Any

import numpy as np
import simdjson

from serving.protocol.signature_def import NUMPY_DTYPES, TensorInfo

_NUMBERS_AND_SPACE = b"0123456789.eE+- \n\t\r"
_ROW = b'{"instancs":['
_COLUMN = b'{"inputs":['
_NAMED_COLUMN = b'{"inputs":{"'
_BUFFER = {"f": ("d", np.float64), "i": ("i", np.int64), "u": ("u", np.uint64)}
_MAX_RANK = 32
_CACHED_BYTES = 2**14
_CACHED_SKELETONS = 256
_LARGE_BODY = 2**22  # a parser keeps what its largest body needed

_skeletons: dict[bytes, tuple[str, bool, tuple[int, ...]] | None] = {}
_parsers: list[simdjson.Parser] = []


def parse_array(body: bytes, info: TensorInfo) -> tuple[str, np.ndarray] | None:
    """Reads a body that holds one input as a regular array of numbers.

    Args:
        body: The request.
        info: The only input of the signature.

    Returns:
        `instances` or `inputs`, and the array; None when the body is anything else, or
        when a number does not fit the type.

    Example:

    >>> x = TensorInfo("x", "DT_FLOAT", None, "x:0")
    >>> form, array = parse_array(b'{"instances": [[1, 2.5], [3, 4]]}', x)
    >>> form, array.tolist()
    ('instances', [[1.0, 2.5], [3.0, 4.0]])
    >>> parse_array(b'{"instances": [[1, 2.5], [3]]}', x) is None
    True
    """
    dtype = NUMPY_DTYPES.get(info.dtype)
    if dtype is None or dtype.kind not in _BUFFER:
        return None
    found = _read_skeleton(body.translate(None, _NUMBERS_AND_SPACE))
    if found is None:
        return None
    form, named, shape = found
    path = [form, info.name] if named else [form]
    array = parse_numbers(body, path, math.prod(shape), dtype)
    return None if array is None else (form, array.reshape(shape))


def parse_numbers(
    text: bytes, path: list[str], count: int, dtype: np.dtype
) -> np.ndarray | None:
    """Reads the numbers of a list, nested or not, in their order.

    Args:
        text: JSON.
        path: The keys that lead to the list.
        count: How many numbers there have to be.
        dtype: A float or integer type.

    Returns:
        A flat array; None for anything else than so many numbers of that type.

    Example:

    >>> parse_numbers(b"[1, 2.5]", [], 2, np.dtype("float32"))
    array([1. , 2.5], dtype=float32)
    >>> parse_numbers(b"[1, 300]", [], 2, np.dtype("uint8")) is None
    True
    """
    try:
        flat = _parse(text, path, dtype.kind)
    except (ValueError, TypeError, KeyError, RuntimeError):  # as the parser raises
        return None
    if flat.size != count:  # `[]` and `[1]` have the same skeleton.
        return None
    if dtype.kind == "f":
        with np.errstate(over="ignore"):
            return flat.astype(dtype)
    limits = np.iinfo(dtype)
    if dtype.itemsize < 8 and not limits.min <= flat.min() <= flat.max() <= limits.max:
        return None
    return flat.astype(dtype)


def _parse(body: bytes, path: list[str], kind: str) -> np.ndarray:
    # Each thread takes a parser of its own; a large one is not kept.
    parser = _parsers.pop() if _parsers else simdjson.Parser()
    type_code, dtype = _BUFFER[kind]
    value: Any = parser.parse(body)
    for key in path:
        value = value[key]
    if not isinstance(value, simdjson.Array):
        raise TypeError("not a list")
    flat = np.frombuffer(value.as_buffer(of_type=type_code), dtype)
    del value  # It would keep the parser from its next document.
    if len(body) <= _LARGE_BODY:
        _parsers.append(parser)
    return flat


def _read_skeleton(skeleton: bytes) -> tuple[str, bool, tuple[int, ...]] | None:
    """Returns the key, whether an object names the input, and the shape."""
    if len(skeleton) > _CACHED_BYTES:
        return _infer(skeleton)
    if skeleton not in _skeletons:
        if len(_skeletons) >= _CACHED_SKELETONS:
            _skeletons.clear()
        _skeletons[skeleton] = _infer(skeleton)
    return _skeletons[skeleton]


def _infer(skeleton: bytes) -> tuple[str, bool, tuple[int, ...]] | None:
    if skeleton.startswith(_ROW):
        form, named, start, end = "instances", False, len(_ROW) - 1, -1
    elif skeleton.startswith(_COLUMN):
        form, named, start, end = "inputs", False, len(_COLUMN) - 1, -1
    elif skeleton.startswith(_NAMED_COLUMN):
        start = skeleton.find(b'":[', len(_NAMED_COLUMN)) + 2
        form, named, end = "inputs", True, -2
    else:
        return None
    shape = array_shape(skeleton[start:end])
    regular_end = skeleton[end:] == b"}}" if named else skeleton[end:] == b"}"
    return (form, named, shape) if shape and regular_end else None


def array_shape(skeleton: bytes) -> tuple[int, ...] | None:
    """Returns the shape that has this skeleton, or None where no shape has it.

    Example:

    >>> array_shape(b"[[,,],[,,]]"), array_shape(b"[[,],[,,]]")
    ((2, 3), None)
    """
    rank = len(skeleton) - len(skeleton.lstrip(b"["))
    end = skeleton.find(b"]")
    if not 0 < rank <= _MAX_RANK or end < 0:
        return None
    unit = skeleton[rank - 1 : end + 1]
    if unit[1:-1].strip(b","):
        return None
    sizes = [len(unit) - 1]
    for level in range(rank - 2, -1, -1):
        position, count = level + 1, 0
        while skeleton.startswith(unit, position):
            count += 1
            position += len(unit)
            if skeleton[position : position + 1] != b",":
                break
            position += 1
        else:
            return None
        if skeleton[position : position + 1] != b"]":
            return None
        unit = skeleton[level : position + 1]
        sizes.append(count)
    return tuple(reversed(sizes)) if unit == skeleton else None
