"""TensorFlow's `TensorProto` to arrays and back.

Values stand either in `tensor_content`, as the bytes of the array, or in a repeated
field of the type's own, whose last value repeats until the shape is full.
"""

import functools
import math
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from serving.errors import Code, StatusError, invalid_argument
from serving.protocol.messages import POOL, message
from serving.protocol.signature_def import NUMPY_DTYPES

MAX_RANK = 64  # numpy's
_ENUM = POOL.FindEnumTypeByName("tensorflow.DataType")
_NAMES = {number: value.name for number, value in _ENUM.values_by_number.items()}
_NUMBERS = {name: number for number, name in _NAMES.items()}
_DTYPES = {
    **NUMPY_DTYPES,
    "DT_COMPLEX64": np.dtype(np.complex64),
    "DT_COMPLEX128": np.dtype(np.complex128),
}
_DTYPE_NAMES = {dtype: name for name, dtype in _DTYPES.items()}
# The repeated field of a type, and the type of its values where that differs.
_FIELDS = {
    "DT_FLOAT": ("float_val", None),
    "DT_DOUBLE": ("double_val", None),
    "DT_HALF": ("half_val", np.int32),
    "DT_BFLOAT16": ("half_val", np.int32),
    "DT_INT8": ("int_val", np.int32),
    "DT_INT16": ("int_val", np.int32),
    "DT_INT32": ("int_val", None),
    "DT_INT64": ("int64_val", None),
    "DT_UINT8": ("int_val", np.int32),
    "DT_UINT16": ("int_val", np.int32),
    "DT_UINT32": ("uint32_val", None),
    "DT_UINT64": ("uint64_val", None),
    "DT_BOOL": ("bool_val", None),
    "DT_STRING": ("string_val", None),
    "DT_COMPLEX64": ("scomplex_val", np.float32),
    "DT_COMPLEX128": ("dcomplex_val", np.float64),
}
# Repeated fields whose packed form is the bytes of the array, with their number.
_PACKED = {
    "float_val": 5,
    "double_val": 6,
    "scomplex_val": 9,
    "bool_val": 11,
    "dcomplex_val": 12,
}


def decode_tensor_proto(
    name: str, proto: Any, max_bytes: int = 2**63 - 1
) -> np.ndarray:
    """Converts a `TensorProto` to an array; one of `tensor_content` is not writable.

    Args:
        name: The input, for the error.
        proto: The message.
        max_bytes: A shape that needs more is refused before anything is allocated.

    Raises:
        StatusError: INVALID_ARGUMENT where TensorFlow cannot read it either, and for a
            shape that needs more than `max_bytes`; UNIMPLEMENTED for other types.

    Example:

    >>> from serving.protocol.messages import message
    >>> proto = message("tensorflow.TensorProto")(dtype=1, float_val=[1, 2])
    >>> for size in (2, 2):
    ...     _ = proto.tensor_shape.dim.add(size=size)
    >>> decode_tensor_proto("x", proto).tolist()
    [[1.0, 2.0], [2.0, 2.0]]
    """
    dtype = _numpy_dtype(name, proto.dtype)
    shape = _shape(name, proto.tensor_shape)
    count = math.prod(shape)
    # Empty axes are left out: numpy refuses (0, 2**62), too.
    needed = math.prod(filter(None, shape)) * dtype.itemsize
    if needed > max_bytes:
        raise _parsing_error(name, f"its shape needs {needed} bytes of {max_bytes}")
    if content := proto.tensor_content:
        array = _from_content(name, content, count, dtype)
    else:
        array = _from_field(name, proto, count, dtype)
    return array.reshape(shape)


def encode_tensor_proto(array: np.ndarray, proto: Any) -> None:
    """Writes an array into an empty `TensorProto`, as TensorFlow Serving answers.

    The values go into the repeated field of their type, because clients read it.

    Raises:
        StatusError: UNIMPLEMENTED for a type that has none.

    Example:

    >>> from serving.protocol.messages import message
    >>> proto = message("tensorflow.TensorProto")()
    >>> encode_tensor_proto(np.float32([[1, 2]]), proto)
    >>> list(proto.float_val), [dim.size for dim in proto.tensor_shape.dim]
    ([1.0, 2.0], [1, 2])
    """
    name = dtype_name(array.dtype)
    field, stored = _FIELDS[name]
    head = _dtype_and_shape(name, array.shape)
    if name in ("DT_HALF", "DT_BFLOAT16"):
        array = array.view(np.uint16)
    elif array.dtype.kind == "c":
        array = np.ascontiguousarray(array).reshape(-1).view(stored)
    if field in _PACKED:
        data = array.tobytes()
        proto.MergeFromString(head + field_header(_PACKED[field], len(data)) + data)
    else:
        proto.MergeFromString(head)
        getattr(proto, field).extend(_python_values(array))


def tensor_proto_document(array: np.ndarray) -> dict[str, Any]:
    """Returns an array as protobuf writes its `TensorProto` in JSON.

    Example:

    >>> document = tensor_proto_document(np.float32([1.5]))
    >>> document["dtype"], document["tensor_shape"]["dim"], document["float_val"]
    ('DT_FLOAT', [{'size': '1', 'name': ''}], [1.5])
    """
    from google.protobuf import json_format

    proto = message("tensorflow.TensorProto")()
    encode_tensor_proto(array, proto)
    return json_format.MessageToDict(
        proto,
        preserving_proto_field_name=True,
        always_print_fields_with_no_presence=True,
        descriptor_pool=POOL,
    )


def dtype_name(dtype: np.dtype) -> str:
    """Returns TensorFlow's name of a type of numpy.

    Raises:
        StatusError: UNIMPLEMENTED for a type that `TensorProto` does not carry.

    Example:

    >>> dtype_name(np.dtype("float32")), dtype_name(np.dtype(object))
    ('DT_FLOAT', 'DT_STRING')
    """
    found = _DTYPE_NAMES.get(dtype)
    if found is not None:
        return found
    if dtype.kind in "SU":
        return "DT_STRING"
    if dtype.name == "bfloat16":
        return "DT_BFLOAT16"
    raise StatusError(Code.UNIMPLEMENTED, f"No TensorProto holds {dtype.name}.")


def dtype_number(name: str) -> int:
    """Returns the number of a type in messages, 0 (DT_INVALID) for an unknown name."""
    return _NUMBERS.get(name, 0)


def _numpy_dtype(name: str, number: int) -> np.dtype:
    known = _NAMES.get(number) or str(number)
    if number == 0:
        raise _parsing_error(name, "it has no dtype")
    if known == "DT_BFLOAT16":
        return _bfloat16()
    if known not in _DTYPES:
        raise StatusError(
            Code.UNIMPLEMENTED, f"Input '{name}': tensors of {known} are not supported."
        )
    return _DTYPES[known]


def _bfloat16() -> np.dtype:
    # It comes with TensorFlow; ONNX Runtime takes no such arrays.
    import ml_dtypes

    return np.dtype(ml_dtypes.bfloat16)


def _shape(name: str, proto: Any) -> tuple[int, ...]:
    if proto.unknown_rank:
        raise _parsing_error(name, "its rank is unknown")
    if len(proto.dim) > MAX_RANK:
        raise _parsing_error(name, f"it has {len(proto.dim)} axes, {MAX_RANK} at most")
    shape = tuple([dim.size for dim in proto.dim])
    if shape and min(shape) < 0:
        raise _parsing_error(name, f"its shape is {list(shape)}")
    return shape


def _from_content(name: str, content: bytes, count: int, dtype: np.dtype) -> np.ndarray:
    if dtype == np.object_:
        return _object_array(_split_strings(name, content, count), count)
    if len(content) != count * dtype.itemsize:
        raise _parsing_error(
            name,
            f"tensor_content has {len(content)} bytes, "
            f"its shape needs {count * dtype.itemsize}",
        )
    if dtype == np.bool_:  # Whose bytes have to be 0 or 1.
        return np.frombuffer(content, np.uint8) != 0
    return np.frombuffer(content, dtype)


def _from_field(name: str, proto: Any, count: int, dtype: np.dtype) -> np.ndarray:
    field, stored = _FIELDS[_NAMES[proto.dtype]]
    repeated = getattr(proto, field)
    if dtype == np.object_:
        values = _object_array(repeated, len(repeated))
    else:
        values = np.array(repeated, stored or dtype)
    if field == "half_val":
        values = values.astype(np.uint16).view(dtype)
    elif dtype.kind == "c":
        if len(values) % 2:
            raise _parsing_error(name, f"{field} has an odd number of values")
        values = values.view(dtype)
    else:
        values = values.astype(dtype, copy=False)
    if len(values) >= count:
        return values[:count]
    last = values[-1] if len(values) else (b"" if dtype == np.object_ else 0)
    array = np.full(count, last, dtype)
    array[: len(values)] = values
    return array


def _object_array(values: Iterable[bytes], count: int) -> np.ndarray:
    array = np.empty(count, object)
    array[:] = list(values)
    return array


def _split_strings(name: str, content: bytes, count: int) -> Iterator[bytes]:
    """Yields the strings of a `tensor_content`: all lengths, then all bytes."""
    if count > len(content):
        raise _parsing_error(name, "tensor_content is cut off")
    lengths, position = [], 0
    for _ in range(count):
        length = shift = 0
        more = True
        while more:
            if position == len(content) or shift > 63:
                raise _parsing_error(name, "tensor_content is cut off")
            byte = content[position]
            length |= (byte & 0x7F) << shift
            more, shift, position = byte > 0x7F, shift + 7, position + 1
        lengths.append(length)
    if sum(lengths) != len(content) - position:
        raise _parsing_error(name, "tensor_content is cut off")
    for length in lengths:
        yield content[position : position + length]
        position += length


def _python_values(array: np.ndarray) -> list:
    values = array.ravel().tolist()
    if array.dtype.kind in "OSU":
        return [text.encode() if isinstance(text, str) else text for text in values]
    return values


@functools.lru_cache(maxsize=1024)
def _dtype_and_shape(name: str, shape: tuple[int, ...]) -> bytes:
    proto = message("tensorflow.TensorProto")(dtype=_NUMBERS[name])
    proto.tensor_shape.SetInParent()
    for size in shape:
        proto.tensor_shape.dim.add(size=size)
    return proto.SerializeToString()


def field_header(number: int, size: int) -> bytes:
    """Returns what stands before a field of bytes: its tag and size."""
    header = bytearray([number << 3 | 2])
    while size > 0x7F:
        header.append(size & 0x7F | 0x80)
        size >>= 7
    header.append(size)
    return bytes(header)


def _parsing_error(name: str, reason: str) -> StatusError:
    return invalid_argument(f"tensor parsing error: {name}: {reason}.")
