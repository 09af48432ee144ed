"""Tensors as binary data: little-endian, row-major, without padding.

A BOOL is a byte, 0 or 1; a BYTES element its length as 4 bytes and then the bytes.
"""

import sys

import numpy as np

from serving.errors import invalid_argument
from serving.protocol.open_inference.datatypes import datatype_of

_LENGTH = 4
# Of arrays that are read and written as they lie in memory.
assert sys.byteorder == "little"


def decode_binary(
    buffer: bytes, offset: int, size: int, count: int, dtype: np.dtype
) -> np.ndarray:
    """Reads a flat tensor, without a copy where it lies aligned in the buffer.

    Args:
        buffer: What it lies in.
        offset: Where it begins.
        size: Its size in bytes.
        count: Its number of elements.
        dtype: Of the elements; object for BYTES.

    Raises:
        StatusError: INVALID_ARGUMENT when the size is not that of the elements.

    Example:

    >>> decode_binary(np.int16([7, 8, 9]).tobytes(), 2, 4, 2, np.dtype(np.int16))
    array([8, 9], dtype=int16)
    >>> decode_binary(b"\\2\\0\\0\\0hi\\0\\0\\0\\0", 0, 10, 2, np.dtype(object))
    array([b'hi', b''], dtype=object)
    """
    if dtype.kind == "O":
        return _decode_bytes(memoryview(buffer)[offset : offset + size], count)
    expected = count * dtype.itemsize
    if size != expected:
        raise invalid_argument(
            f"its binary data has {size} bytes, its shape and datatype take {expected}"
        )
    if dtype.kind == "b":  # A byte that is neither 0 nor 1 would be no boolean.
        return np.frombuffer(buffer, np.uint8, count, offset) != 0
    array = np.frombuffer(buffer, dtype, count, offset)
    return array if array.flags.aligned else array.copy()


def encode_binary(array: np.ndarray) -> bytes | np.ndarray:
    """Returns a buffer with the elements; of numbers, the array itself.

    Example:

    >>> encode_binary(np.array([b"hi", ""], object))
    b'\\x02\\x00\\x00\\x00hi\\x00\\x00\\x00\\x00'
    """
    kind = datatype_of(array)
    if kind == "BYTES":
        return b"".join(map(_with_length, array.ravel().tolist()))
    flat = np.ascontiguousarray(array)
    return flat.view(np.uint16) if kind == "BF16" else flat


def as_bytes(text: bytes | str) -> bytes:
    """Returns an element of BYTES; text is UTF-8."""
    return text.encode() if isinstance(text, str) else text


def _with_length(text: bytes | str) -> bytes:
    data = as_bytes(text)
    return len(data).to_bytes(_LENGTH, "little") + data


def _decode_bytes(view: memoryview, count: int) -> np.ndarray:
    elements, offset, size = [], 0, len(view)
    while offset < size and len(elements) < count:
        begin = offset + _LENGTH
        offset = begin + int.from_bytes(view[offset:begin], "little")
        if max(begin, offset) > size:
            raise invalid_argument(
                f"element {len(elements)} ends at byte {max(begin, offset)}, its "
                f"binary data at byte {size}"
            )
        elements.append(bytes(view[begin:offset]))
    if len(elements) != count or offset != size:
        raise invalid_argument(
            f"its shape takes {count} elements, its binary data has "
            + (f"{len(elements)}" if offset == size else "more")
        )
    array = np.empty(count, object)
    array[:] = elements
    return array
