"""TensorProto to arrays and back, compared with TensorFlow's own."""

import math

import ml_dtypes
import numpy as np
import pytest

from serving.errors import Code, StatusError
from serving.protocol.messages import message
from serving.protocol.tensor_proto import decode_tensor_proto, encode_tensor_proto

TensorProto = message("tensorflow.TensorProto")
ARRAYS = {
    "float": np.float32([[0.1, -np.inf], [np.nan, 3e38]]),
    "double": np.float64([1e300, -0.0]),
    "half": np.float16([[0.1], [65504], [-1]]),
    "bfloat16": np.array([0.1, -1e38], ml_dtypes.bfloat16),
    "int8": np.int8([-128, 127]),
    "int16": np.int16([-32768, 32767]),
    "int32": np.int32([[-(2**31), 2**31 - 1]]),
    "int64": np.int64([-(2**63), 2**63 - 1]),
    "uint8": np.uint8([[[0, 200, 255]]]),
    "uint16": np.uint16([0, 65535]),
    "uint32": np.uint32([0, 2**32 - 1]),
    "uint64": np.uint64([0, 2**64 - 1]),
    "bool": np.array([True, False, True]),
    "string": np.array([[b"a\x00", b""], [b"\xff", b"long" * 100]], object),
    "complex64": np.complex64([1 + 2j, -1j]),
    "complex128": np.complex128([[1e300 + 2j]]),
    "scalar": np.array(2.5, np.float32),
    "empty": np.zeros((0, 3), np.float32),
    "not contiguous": np.arange(6, dtype=np.float32).reshape(2, 3).T,
}


def theirs(proto):
    from tensorflow.core.framework import tensor_pb2

    return tensor_pb2.TensorProto.FromString(proto.SerializeToString())


def tensor(dtype, shape, **fields):
    proto = TensorProto(dtype=dtype, **fields)
    proto.tensor_shape.SetInParent()
    for size in shape:
        proto.tensor_shape.dim.add(size=size)
    return proto


def assert_equal(got, want):
    assert (got.dtype, got.shape) == (want.dtype, want.shape)
    if want.dtype == object:
        assert got.tolist() == want.tolist()
    else:
        assert got.tobytes() == want.tobytes()


@pytest.mark.parametrize("array", ARRAYS.values(), ids=ARRAYS)
def test_tensorflow_reads_what_is_written(array):
    import tensorflow as tf

    proto = TensorProto()
    encode_tensor_proto(array, proto)
    assert not proto.tensor_content
    assert_equal(tf.make_ndarray(theirs(proto)), array.copy())
    assert_equal(decode_tensor_proto("x", proto), array.copy())


@pytest.mark.parametrize("array", ARRAYS.values(), ids=ARRAYS)
def test_what_tensorflow_writes_is_read(array):
    import tensorflow as tf

    data = tf.make_tensor_proto(array).SerializeToString()
    assert_equal(
        decode_tensor_proto("x", TensorProto.FromString(data)),
        array.copy(),
    )


@pytest.mark.parametrize(
    ("dtype", "field", "values", "want"),
    [
        (1, "float_val", [], np.zeros(3, np.float32)),
        (1, "float_val", [2], np.full(3, 2, np.float32)),
        (2, "double_val", [1, 2], np.float64([1, 2, 2])),
        (3, "int_val", [1, 2, 3, 4, 5], np.int32([1, 2, 3])),
        (4, "int_val", [1, 256 + 7], np.uint8([1, 7, 7])),
        (7, "string_val", [b"a"], np.array([b"a"] * 3, object)),
        (7, "string_val", [], np.array([b""] * 3, object)),
        (8, "scomplex_val", [1, 2], np.full(3, 1 + 2j, np.complex64)),
        (10, "bool_val", [True], np.array([True] * 3)),
        (19, "half_val", [0x3C00], np.ones(3, np.float16)),
    ],
)
def test_the_last_value_repeats(dtype, field, values, want):
    proto = tensor(dtype, (3,), **{field: values})
    assert_equal(decode_tensor_proto("x", proto), want)


def test_strings_in_tensor_content():
    long = b"x" * 300
    proto = tensor(7, (3,), tensor_content=b"\x01\x00\xac\x02" + b"a" + long)
    assert decode_tensor_proto("x", proto).tolist() == [b"a", b"", long]


def test_a_byte_of_a_bool_is_true_unless_it_is_zero():
    array = decode_tensor_proto("x", tensor(10, (2,), tensor_content=b"\x07\x00"))
    assert array.tobytes() == b"\x01\x00"


def test_tensor_content_is_not_copied_twice():
    proto = tensor(1, (2, 2), tensor_content=np.float32([1, 2, 3, 4]).tobytes())
    array = decode_tensor_proto("x", proto)
    assert array.base is not None
    assert not array.flags.writeable


CONTENT = {"tensor_content": b"\0" * 8}


@pytest.mark.parametrize(
    ("proto", "reason"),
    [
        (TensorProto(float_val=[1]), "it has no dtype"),
        (tensor(1, (-1,)), "its shape is [-1]"),
        (tensor(1, (2**62, 2**62)), "its shape needs"),
        (tensor(1, (0, 2**62)), "its shape needs"),
        (tensor(1, (1 << 20,)), "its shape needs 4194304 bytes of 1048576"),
        (tensor(7, (1 << 20,)), "its shape needs 8388608 bytes of 1048576"),
        (tensor(1, (1,) * 65), "it has 65 axes, 64 at most"),
        (tensor(1, (3,), **CONTENT), "tensor_content has 8 bytes, its shape needs 12"),
        (tensor(1, (1,), **CONTENT), "tensor_content has 8 bytes, its shape needs 4"),
        (tensor(7, (9,), **CONTENT), "tensor_content is cut off"),
        (tensor(7, (2,), tensor_content=b"\x01\x05a"), "tensor_content is cut off"),
        (tensor(7, (1,), tensor_content=b"\xff" * 12), "tensor_content is cut off"),
        (tensor(8, (1,), scomplex_val=[1]), "scomplex_val has an odd number of values"),
    ],
    ids=str,
)
def test_hostile_tensors_are_refused(proto, reason):
    with pytest.raises(StatusError) as caught:
        decode_tensor_proto("x", proto, max_bytes=1 << 20)
    assert caught.value.code is Code.INVALID_ARGUMENT
    assert str(caught.value).startswith(f"tensor parsing error: x: {reason}")


def test_an_unknown_rank_is_refused():
    proto = TensorProto(dtype=1)
    proto.tensor_shape.unknown_rank = True
    with pytest.raises(StatusError, match="its rank is unknown"):
        decode_tensor_proto("x", proto)


@pytest.mark.parametrize(("number", "name"), [(20, "DT_RESOURCE"), (999, "999")])
def test_types_without_values_are_not_supported(number, name):
    with pytest.raises(StatusError) as caught:
        decode_tensor_proto("x", tensor(number, ()))
    assert caught.value.code is Code.UNIMPLEMENTED
    assert str(caught.value) == f"Input 'x': tensors of {name} are not supported."


def test_a_large_answer_is_read_by_tensorflow():
    import tensorflow as tf

    array = np.arange(100_000, dtype=np.float32)
    proto = TensorProto()
    encode_tensor_proto(array, proto)
    assert math.isclose(tf.make_ndarray(theirs(proto)).sum(), array.sum())
