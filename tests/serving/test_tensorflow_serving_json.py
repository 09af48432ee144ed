"""The cases of TensorFlow Serving's `json_tensor_test.cc`, with its expectations."""

import json

import numpy as np
import pytest

from serving.errors import StatusError
from serving.protocol.predict import (
    Format,
    decode_predict_request,
    encode_predict_response,
)
from serving.protocol.signature_def import SignatureDef, TensorInfo

ROW, COLUMN = Format.ROW, Format.COLUMN
B64 = [{"b64": "aGVsbG8="}, {"b64": "d29ybGQ="}]
INTS = [[1, 2], [3, 4], [5, 6]]


def signatures(**dtypes):
    """One signature under any name, as their test has."""
    inputs = {
        name: TensorInfo(name, dtype, None, name) for name, dtype in dtypes.items()
    }
    signature = SignatureDef("serving_default", inputs, {})
    return {"serving_default": signature, "predict_images": signature}


REQUESTS = {
    "single unnamed tensor": (
        {"default": "DT_INT32"},
        {"instances": INTS},
        ROW,
        {"default": np.int32(INTS)},
    ),
    "mixed input for float": (
        {"default": "DT_FLOAT"},
        {"instances": [1, 2.0, 3, 4, 5.003, 0.007, 0.0]},
        ROW,
        {"default": np.float32([1, 2, 3, 4, 5.003, 0.007, 0])},
    ),
    "mixed input for double": (
        {"default": "DT_DOUBLE"},
        {"instances": [1.0, 2, 3, 4, 0.662, 0, 0.0]},
        ROW,
        {"default": np.float64([1, 2, 3, 4, 0.662, 0, 0])},
    ),
    "signature": (
        {"default": "DT_INT32"},
        {"signature_name": "predict_images", "instances": [[1, 2]]},
        ROW,
        {"default": np.int32([[1, 2]])},
    ),
    "base64 scalars": (
        {"default": "DT_STRING"},
        {"instances": B64},
        ROW,
        {"default": np.array([b"hello", b"world"], object)},
    ),
    "base64 lists": (
        {"default": "DT_STRING"},
        {"instances": [[B64[0]], [B64[1]]]},
        ROW,
        {"default": np.array([[b"hello"], [b"world"]], object)},
    ),
    "named base64": (
        {"default": "DT_STRING"},
        {"instances": [{"default": [[B64[0]], [B64[1]]]}]},
        ROW,
        {"default": np.array([[[b"hello"], [b"world"]]], object)},
    ),
    "several named": (
        {"i": "DT_INT32", "s": "DT_STRING", "f": "DT_FLOAT", "d": "DT_DOUBLE"},
        {
            "instances": [
                {"i": INTS, "s": ["foo", "bar"], "f": [1.0, np.nan], "d": [np.nan]},
                {"i": INTS, "s": ["baz", "bat"], "f": [2.0, np.inf], "d": [2.0]},
            ]
        },
        ROW,
        {
            "i": np.int32([INTS, INTS]),
            "s": np.array([[b"foo", b"bar"], [b"baz", b"bat"]], object),
            "f": np.float32([[1, np.nan], [2, np.inf]]),
            "d": np.float64([[np.nan], [2]]),
        },
    ),
    "columnar": (
        {"i": "DT_INT32"},
        {"inputs": {"i": [INTS]}},
        COLUMN,
        {"i": np.int32([INTS])},
    ),
    "columnar without name": (
        {"i": "DT_INT32"},
        {"inputs": [INTS]},
        COLUMN,
        {"i": np.int32([INTS])},
    ),
    "columnar, several": (
        {"i": "DT_INT32", "s": "DT_STRING", "b": "DT_STRING"},
        {"inputs": {"i": [INTS], "s": ["foo", "bar"], "b": B64[0]}},
        COLUMN,
        {
            "i": np.int32([INTS]),
            "s": np.array([b"foo", b"bar"], object),
            "b": np.array(b"hello", object),
        },
    ),
    # Newer versions round, where the test of older ones expects an error.
    "the largest double as a float": (
        {"default": "DT_FLOAT"},
        {"instances": [1.7976931348623157e308, 16777217]},
        ROW,
        {"default": np.float32([np.inf, 16777216])},
    ),
    "2**53 + 1 as a double": (
        {"default": "DT_DOUBLE"},
        {"instances": [9007199254740993]},
        ROW,
        {"default": np.float64([9007199254740992])},
    ),
}


@pytest.mark.parametrize("case", REQUESTS)
def test_request(case):
    dtypes, document, form, expected = REQUESTS[case]
    body = json.dumps(document).encode()
    request = decode_predict_request(body, signatures(**dtypes))
    assert request.format is form
    assert request.inputs.keys() == expected.keys()
    for name, array in expected.items():
        assert request.inputs[name].dtype == array.dtype
        np.testing.assert_array_equal(request.inputs[name], array)


ONE, TWO = {"default": "DT_INT32"}, {"i": "DT_INT32", "s": "DT_STRING"}
PAIR = ["foo", "bar"]
REFUSED = {
    "nothing": (ONE, b"", "document is empty"),
    "signature is no string": (
        ONE,
        b'{"signature_name": 5, "instances": [[1,2],[3,4],[5,6,7]]}',
        "must be a string value",
    ),
    "both": (ONE, b'{"instances": [[1,2]], "inputs": [[1,2]]}', "Not formatted correc"),
    "size": (ONE, b'{"instances": [[1,2],[3,4],[5,6,7]]}', "Expecting tensor size"),
    "shape": (ONE, b'{"instances": [[1,2],[3,4],[[5,6]]]}', "Expecting shape"),
    "rank": (ONE, b'{"instances": [1, [1]]}', "Expecting shape"),
    "type": (ONE, b'{"instances": [[1,2],["a", "b"]]}', "not of expected type"),
    "named shape": (
        TWO,
        {"instances": [{"i": INTS, "s": PAIR}, {"i": [INTS], "s": PAIR}]},
        "Expecting shape",
    ),
    "named size": (
        TWO,
        {"instances": [{"i": [*INTS, [7, 8]], "s": PAIR}, {"i": INTS, "s": PAIR}]},
        "Expecting tensor size",
    ),
    "list behind objects": (
        TWO,
        {"instances": [{"i": INTS, "s": PAIR}, [1, 20, 30]]},
        "Expecting object but got list",
    ),
    "object behind lists": (
        {"s": "DT_STRING"},
        {"instances": [PAIR, {"s": PAIR}]},
        "Expecting value/list but got object",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_request(case):
    dtypes, document, text = REFUSED[case]
    body = document if type(document) is bytes else json.dumps(document).encode()
    with pytest.raises(StatusError, match=text) as caught:
        decode_predict_request(body, signatures(**dtypes))
    assert caught.value.http_status == 400


def compare_as_text(text, expected):
    """Numbers are compared as they are written."""
    options = {"parse_float": str, "parse_int": str, "parse_constant": str}
    assert json.loads(text, **options) == json.loads(expected, **options)


CUBE = np.int32([INTS, [[7, 8], [9, 0], [1, 2]]])
WORDS = np.array([[b"hello", b"world"], [b"tf", b"serving"]], object)
RESPONSES = {
    "integers": ({"i": CUBE}, f'{{"predictions": {CUBE.tolist()}}}'),
    "scalars": ({"i": np.int32([1, 2, 3])}, '{"predictions": [1, 2, 3]}'),
    "bytes": (
        {"s_bytes": WORDS},
        '{"predictions": [[{"b64": "aGVsbG8="}, {"b64": "d29ybGQ="}],'
        '[{"b64": "dGY="}, {"b64": "c2VydmluZw=="}]]}',
    ),
    "six digits": (
        {"f": np.float32([[9000000, 999999, 0.5], [0.0003, 0.00003, 555557.5]])},
        '{"predictions": [[9e+06, 999999.0, 0.5], [0.0003, 3e-05, 555557.5]]}',
    ),
    "not finite": (
        {"f": np.float32([[np.nan, np.inf], [3, -np.inf]])},
        '{"predictions": [[NaN, Infinity], [3.0, -Infinity]]}',
    ),
    "several": (
        {
            "d": np.float64([8, 9]),
            "f": np.float32([[1], [2]]),
            "i": CUBE,
            "s": WORDS,
            "s_bytes": WORDS[:, :1],
        },
        '{"predictions": [{"d": 8.0, "f": [1.0], "i": [[1, 2], [3, 4], [5, 6]],'
        '"s": ["hello", "world"], "s_bytes": [{"b64": "aGVsbG8="}]},'
        '{"d": 9.0, "f": [2.0], "i": [[7, 8], [9, 0], [1, 2]],'
        '"s": ["tf", "serving"], "s_bytes": [{"b64": "dGY="}]}]}',
    ),
}


@pytest.mark.parametrize("case", RESPONSES)
def test_response(case):
    outputs, expected = RESPONSES[case]
    compare_as_text(encode_predict_response(outputs, ROW), expected)
    if len(outputs) == 1:
        expected = expected.replace("predictions", "outputs")
        compare_as_text(encode_predict_response(outputs, COLUMN), expected)


@pytest.mark.parametrize(
    ("outputs", "text"),
    [
        ({}, "empty tensor map"),
        ({"tensor": np.complex64([1, 2])}, "tensor type: complex64"),
        ({"tensor": np.int32(1)}, "no shape information"),
        ({"a": np.zeros((2, 3)), "b": np.zeros((1, 3))}, "inconsistent batch size"),
    ],
)
def test_refused_response(outputs, text):
    with pytest.raises(StatusError, match=text):
        encode_predict_response(outputs, ROW)
