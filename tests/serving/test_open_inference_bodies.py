"""Bodies of Open Inference Protocol v2, both ways, without a server."""

import json
import math

import ml_dtypes
import numpy as np
import pytest

from serving.errors import Code, StatusError
from serving.protocol.open_inference import templates
from serving.protocol.open_inference.datatypes import DATATYPES, numpy_dtype
from serving.protocol.open_inference.documents import model_document
from serving.protocol.open_inference.infer_request import decode_infer_request
from serving.protocol.open_inference.infer_response import encode_infer_response
from serving.protocol.open_inference.requests import InferRequest, RequestedOutput
from serving.protocol.open_inference.routes import parse_route
from serving.protocol.signature_def import SignatureDef, TensorInfo

VALUES = {
    "BOOL": [True, False, True],
    "BYTES": ["a", "", "é"],
    "UINT64": [0, 1, 2**64 - 1],
    "INT64": [-(2**63), 0, 2**63 - 1],
    "UINT8": [0, 1, 255],
    "INT8": [-128, 0, 127],
}
FRACTIONS = [0.5, -2.0, 1.0]


def signature(dtype="DT_FLOAT", shape=(None,)):
    return {
        "serving_default": SignatureDef(
            "serving_default",
            {"x": TensorInfo("x", dtype, shape, "x:0")},
            {"y": TensorInfo("y", dtype, shape, "y:0")},
        )
    }


def pair():
    infos = {
        "a": TensorInfo("a", "DT_FLOAT", (None, 2), "a:0"),
        "b": TensorInfo("b", "DT_INT32", (None,), "b:0"),
    }
    return {"serving_default": SignatureDef("serving_default", infos, infos)}


def body(*inputs, tail=b"", **fields):
    head = json.dumps({"inputs": list(inputs), **fields}).encode()
    return head + tail, len(head) if tail else None


def tensor(name="x", datatype="FP32", shape=(2,), **fields):
    return {"name": name, "datatype": datatype, "shape": list(shape), **fields}


def binary(size, name="x", datatype="FP32", shape=(2,)):
    return tensor(name, datatype, shape, parameters={"binary_data_size": size})


def serialize(array):
    """Binary data, written as the extension's text says and not as our code does."""
    if array.dtype == object:
        return b"".join(np.uint32(len(x)).tobytes() + x for x in array)
    return array.tobytes()


def values(dtype):
    name, numpy = DATATYPES[dtype], numpy_dtype(dtype)
    numbers = VALUES.get(name, FRACTIONS if name[0] in "FB" else [0, 1, 100])
    if name == "BYTES":
        return numbers, np.array([text.encode() for text in numbers], object)
    return numbers, np.array(numbers, numpy)


@pytest.mark.parametrize("dtype", DATATYPES)
@pytest.mark.parametrize("is_binary", [False, True])
def test_every_datatype_comes_and_goes(dtype, is_binary):
    numbers, array = values(dtype)
    name = DATATYPES[dtype]
    if is_binary:
        data = serialize(array)
        content, size = body(binary(len(data), datatype=name, shape=[3]), tail=data)
    else:
        content, size = body(tensor(datatype=name, shape=[3], data=numbers))
    request = decode_infer_request(content, size, signature(dtype))
    assert request.inputs["x"].dtype == array.dtype
    assert request.inputs["x"].tolist() == array.tolist()

    asked = InferRequest(None, "serving_default", {}, (), binary=is_binary)
    answer, size = encode_infer_response("m", 3, asked, {"y": array})
    document = json.loads(answer[:size])
    (row,) = document["outputs"]
    assert (row["name"], row["datatype"], row["shape"]) == ("y", name, [3])
    if is_binary:
        assert row["parameters"] == {"binary_data_size": len(answer) - size}
        assert answer[size:] == serialize(array)
    else:
        assert row["data"] == numbers
        assert size is None


def test_binary_inputs_are_not_copied_where_they_are_aligned():
    data = np.arange(64, dtype=np.float32)
    head, _ = body(binary(256, shape=[64]))
    padded = head + b" " * (-len(head) % 8)
    content = padded + data.tobytes()
    (x,) = decode_infer_request(content, len(padded), signature()).inputs.values()
    assert np.shares_memory(x, np.frombuffer(content, np.uint8))
    content = padded + b" " + data.tobytes()
    (x,) = decode_infer_request(content, len(padded) + 1, signature()).inputs.values()
    assert x.flags.aligned
    assert x.tolist() == data.tolist()


def test_several_binary_inputs_follow_each_other_in_the_order_of_the_request():
    a, b = np.float32([[1, 2], [3, 4]]), np.int32([5, 6])
    content, size = body(
        binary(8, "b", "INT32"),
        binary(16, "a", "FP32", (2, 2)),
        tail=b.tobytes() + a.tobytes(),
    )
    inputs = decode_infer_request(content, size, pair()).inputs
    assert inputs["a"].tolist() == a.tolist()
    assert inputs["b"].tolist() == b.tolist()


@pytest.mark.parametrize("data", [[1, 2, 3, 4], [[1, 2], [3, 4]]])
def test_data_is_flat_or_nested(data):
    content, size = body(tensor(shape=(2, 2), data=data))
    inputs = decode_infer_request(content, size, signature(shape=(None, 2))).inputs
    assert inputs["x"].tolist() == [[1, 2], [3, 4]]


def test_a_scalar_needs_no_list():
    for data in (7, [7]):
        content, size = body(tensor(shape=[], data=data))
        x = decode_infer_request(content, size, signature(shape=())).inputs["x"]
        assert x.shape == ()
        assert x == 7


def test_large_numbers_round_and_overflow_to_infinity():
    content, size = body(tensor(shape=(3,), data=[16777217, 1e39, 10**400]))
    inputs = decode_infer_request(content, size, signature()).inputs
    assert inputs["x"].tolist() == [16777216, math.inf, math.inf]


def test_nan_and_infinity_come_and_go():
    content, size = body(tensor(shape=(3,), data=[math.nan, math.inf, -math.inf]))
    x = decode_infer_request(content, size, signature()).inputs["x"]
    assert str(x.tolist()) == "[nan, inf, -inf]"
    asked = InferRequest("i", "serving_default", {}, ())
    answer, _ = encode_infer_response("m", 1, asked, {"y": x})
    assert b"[NaN, Infinity, -Infinity]" in answer
    assert json.loads(answer)["id"] == "i"


def test_a_parameter_chooses_the_signature():
    both = signature()
    both["other"] = SignatureDef("other", both["serving_default"].inputs, {})
    content, size = body(
        tensor(data=[1, 2]), parameters={"signature_name": "other", "priority": 3}
    )
    assert decode_infer_request(content, size, both).signature_name == "other"
    content, size = body(tensor(data=[1, 2]))
    only = {"other": both["other"]}
    assert decode_infer_request(content, size, only).signature_name == "other"


def test_outputs_are_selected_ordered_and_binary_one_by_one():
    content, size = body(
        tensor("a", shape=(1, 2), data=[1, 2]),
        tensor("b", "INT32", (1,), data=[3]),
        outputs=[{"name": "b", "parameters": {"binary_data": False}}, {"name": "a"}],
        parameters={"binary_data_output": True},
        id="42",
    )
    request = decode_infer_request(content, size, pair())
    assert request.outputs == (RequestedOutput("b", False), RequestedOutput("a", True))
    answer, size = encode_infer_response("m", 1, request, request.inputs)
    document = json.loads(answer[:size])
    assert document["id"] == "42"
    assert [row["name"] for row in document["outputs"]] == ["b", "a"]
    assert document["outputs"][0]["data"] == [3]
    assert np.frombuffer(answer[size:], np.float32).tolist() == [1, 2]


def test_classes_of_highest_value():
    asked = InferRequest(None, "serving_default", {}, (RequestedOutput("y", False, 2),))
    scores = np.float32([[1.1, 3.3, 0.5, 2.4], [0, 0, np.nan, -1]])
    answer, _ = encode_infer_response("m", 1, asked, {"y": scores})
    (row,) = json.loads(answer)["outputs"]
    assert (row["datatype"], row["shape"]) == ("BYTES", [2, 2])
    assert row["data"] == ["3.300000:1", "2.400000:3", "0.000000:0", "0.000000:1"]


def test_bytes_that_are_no_text_need_binary_data():
    asked = InferRequest(None, "serving_default", {}, ())
    with pytest.raises(StatusError, match=r"'y' holds bytes that are not UTF-8"):
        encode_infer_response("m", 1, asked, {"y": np.array([b"\xff"], object)})


def test_outputs_that_lie_otherwise_in_memory():
    y = np.arange(6, dtype=np.float32).reshape(2, 3).T
    for is_binary in (False, True):
        asked = InferRequest(None, "serving_default", {}, (), binary=is_binary)
        answer, size = encode_infer_response("m", 1, asked, {"y": y})
        (row,) = json.loads(answer[:size])["outputs"]
        assert row["shape"] == [3, 2]
        flat = np.frombuffer(answer[size:], np.float32) if is_binary else row["data"]
        assert list(flat) == [0, 3, 1, 4, 2, 5]


BAD = {
    "not JSON": (b"{", None, "not JSON"),
    "empty": (b"", None, "not JSON"),
    "not UTF-8": (b'{"inputs": "\xff"}', None, "not JSON"),
    "a list": (b"[]", None, "must be an object"),
    "deep": (b"[" * 5000, None, "not JSON"),
    "deep, with NaN": (b'{"inputs": NaN, "a": ' + b"[" * 90000, None, "not JSON"),
    "no inputs": (b"{}", None, "'inputs' must be a list of objects"),
    "inputs of numbers": (b'{"inputs": [1]}', None, "'inputs' must be a list"),
    "header too long": (b"{}", 3, "Inference-Header-Content-Length is 3"),
    "empty list": (*body(), "Expected 1 inputs, received 0. Missing: x"),
    "no name": (*body({"shape": [1]}), "needs a 'name'; received null"),
    "unknown input": (*body(tensor("q")), "Unexpected input 'q'. The inputs are: x"),
    "twice": (*body(*[tensor(data=[1, 2])] * 2), "Input 'x' is given twice"),
    "no datatype": (
        *body({"name": "x", "shape": [1], "data": [1]}),
        "expected datatype FP32, received null",
    ),
    "other datatype": (
        *body(tensor(datatype="FP64", data=[1, 2])),
        """Input 'x': expected datatype FP32, received "FP64\"""",
    ),
    "no shape": (
        *body({"name": "x", "datatype": "FP32", "data": [1]}),
        "'shape' must be a list",
    ),
    "negative": (*body(tensor(shape=[-1], data=[1])), "its shape has -1"),
    "fraction": (*body(tensor(shape=[1.0], data=[1])), "its shape has 1.0"),
    "huge": (*body(tensor(shape=[2**62] * 3, data=[1])), "its shape is too large"),
    "huge and empty": (*body(tensor(shape=[0, 2**62], data=[])), "is too large"),
    "rank": (
        *body(tensor(shape=[1, 2], data=[1, 2])),
        "expected shape [-1], received shape [1,2]",
    ),
    "no data": (*body(tensor()), "expected one of 'data' and the parameter"),
    "both": (*body(binary(8) | {"data": [1, 2]}, tail=b"8" * 8), "received both"),
    "too few": (*body(tensor(data=[1])), "takes 2 elements, its data has 1"),
    "too many": (*body(tensor(data=[1, 2, 3])), "2 elements, its data has 3"),
    "null": (*body(tensor(data=[1, None])), "its data holds null, expected float"),
    "a string": (*body(tensor(data=[1, "2"])), """its data holds "2\""""),
    "a boolean": (*body(tensor(data=[1, True])), "its data holds true"),
    "an object": (*body(tensor(data={"b64": "aa"})), "is an object, expected a list"),
    "too deep": (*body(tensor(data=[[1], [2]])), "nested deeper than the 1 axes"),
    "size of binary": (*body(binary(7), tail=b"1234567"), "has 7 bytes, its shape and"),
    "cut off": (*body(binary(8), tail=b"1234"), "ends at byte"),
    "more": (*body(binary(8), tail=b"0" * 9), "has 1 bytes behind the binary data"),
    "negative size": (*body(binary(-8), tail=b"0" * 8), "'binary_data_size' is -8"),
    "size of text": (*body(binary("8"), tail=b"0" * 8), "'binary_data_size' is \"8\""),
    "parameters": (*body(tensor(parameters=[])), "that are not an object"),
    "shared memory": (
        *body(tensor(parameters={"shared_memory_region": "r"})),
        "shared memory, which is not supported",
    ),
    "signature": (
        *body(parameters={"signature_name": "q"}),
        """No signature "q". The parameter signature_name takes one of: serving""",
    ),
    "signature of 1": (*body(parameters={"signature_name": 1}), "No signature 1"),
    "id": (*body(tensor(data=[1, 2]), id=7), "'id' must be a string; received 7"),
    "outputs": (*body(tensor(data=[1, 2]), outputs={}), "'outputs' must be a list"),
    "output": (
        *body(tensor(data=[1, 2]), outputs=[{"name": "q"}]),
        "Unexpected output 'q'. The outputs are: y",
    ),
    "output twice": (
        *body(tensor(data=[1, 2]), outputs=[{"name": "y"}] * 2),
        "Output 'y' is requested twice",
    ),
    "flag": (
        *body(tensor(data=[1, 2]), parameters={"binary_data_output": 1}),
        "'binary_data_output' must be true or false; received 1",
    ),
    "classes": (
        *body(
            tensor(data=[1, 2]),
            outputs=[{"name": "y", "parameters": {"classification": -1}}],
        ),
        "'classification' is -1",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_is_named(case):
    content, size, message = BAD[case]
    with pytest.raises(StatusError) as caught:
        decode_infer_request(content, size, signature())
    assert caught.value.code is Code.INVALID_ARGUMENT
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("datatype", "dtype", "data", "message"),
    [
        ("INT8", "DT_INT8", [1, 128], "holds 128, outside -128 to 127"),
        ("UINT8", "DT_UINT8", [-1, 0], "holds -1, outside 0 to 255"),
        ("UINT64", "DT_UINT64", [2**64, 0], "expected int"),
        ("INT32", "DT_INT32", [1, 2.5], "holds 2.5, expected int"),
        ("BOOL", "DT_BOOL", [1, 0], "holds 1, expected bool"),
        ("BYTES", "DT_STRING", ["a", 1], "holds 1, expected str"),
        ("FP32", "DT_FLOAT", [[1, 2], 3], "beside lists"),
        ("FP32", "DT_FLOAT", [[1, 2], [3]], "1 elements on axis 1, its shape 2"),
    ],
)
def test_elements_of_other_types(datatype, dtype, data, message):
    shape = (2, 2) if list in map(type, data) else (2,)
    content, size = body(tensor(datatype=datatype, shape=shape, data=data))
    with pytest.raises(StatusError) as caught:
        decode_infer_request(content, size, signature(dtype, shape))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\1\0\0\0a", "takes 2 elements, its binary data has 1"),
        (b"\1\0\0\0a\0\0\0\0\0\0\0\0", "takes 2 elements, its binary data has more"),
        (b"\1\0\0\0a\5\0\0\0abc", "element 1 ends at byte 14, its binary data at"),
        (b"\1\0\0\0a\5\0", "element 1 ends at byte"),
        (b"\xff\xff\xff\xff", "element 0 ends at byte 4294967299"),
    ],
)
def test_bytes_of_other_lengths(data, message):
    content, size = body(binary(len(data), datatype="BYTES"), tail=data)
    with pytest.raises(StatusError) as caught:
        decode_infer_request(content, size, signature("DT_STRING"))
    assert message in str(caught.value)


def test_a_byte_that_is_no_boolean_is_true():
    content, size = body(binary(2, datatype="BOOL"), tail=b"\0\7")
    x = decode_infer_request(content, size, signature("DT_BOOL")).inputs["x"]
    assert x.view(np.uint8).tolist() == [0, 1]


def test_types_without_a_name_are_not_implemented():
    content, size = body(tensor(datatype="DT_COMPLEX64", data=[1, 2]))
    with pytest.raises(StatusError) as caught:
        decode_infer_request(content, size, signature("DT_COMPLEX64"))
    assert caught.value.code is Code.UNIMPLEMENTED


def test_bfloat16_is_the_upper_half_of_a_float32():
    content, size = body(binary(2, datatype="BF16", shape=[1]), tail=b"\x80\x3f")
    x = decode_infer_request(content, size, signature("DT_BFLOAT16")).inputs["x"]
    assert x.dtype == ml_dtypes.bfloat16
    assert x.tolist() == [1.0]


def test_metadata_of_a_chosen_signature():
    document = json.loads(model_document("m", [1, 3], "onnx", pair()))
    assert document["versions"] == ["1", "3"]
    assert document["platform"] == "onnxruntime_onnx"
    assert document["inputs"] == [
        {"name": "a", "datatype": "FP32", "shape": [-1, 2]},
        {"name": "b", "datatype": "INT32", "shape": [-1]},
    ]
    assert document["parameters"]["signature_names"] == ["serving_default"]
    with pytest.raises(StatusError, match="No signature"):
        model_document("m", [1], "onnx", pair(), "q")


@pytest.mark.parametrize(
    ("path", "method", "text"),
    [
        ("/v2", "server", None),
        ("/v2/health/ready", "ready", None),
        ("/v2/models/a%2Fb", "model", "Latest(a/b)"),
        ("/v2/models/m/versions/7/ready", "model_ready", "Specific(m, 7)"),
        ("/v2/models/m/infer", "infer", "Latest(m)"),
    ],
)
def test_routes(path, method, text):
    route = parse_route(path)
    assert route.method == method
    assert (route.spec and str(route.spec)) == text


def test_a_version_that_is_no_number_is_a_label():
    assert parse_route("/v2/models/m/versions/stable/infer").spec.label == "stable"


@pytest.mark.parametrize(
    "path", ["/v2/models", "/v2/x", "/v2/models//infer", "/v2/models/m/versions/1/x"]
)
def test_what_is_nowhere_is_not_found(path):
    with pytest.raises(StatusError) as caught:
        parse_route(path)
    assert caught.value.code is Code.NOT_FOUND


def test_a_version_beyond_64_bits_is_refused():
    with pytest.raises(StatusError, match="not a number of 64 bits"):
        parse_route(f"/v2/models/m/versions/{'9' * 5000}")


def outcome(content, size, signatures):
    try:
        request = decode_infer_request(content, size, signatures)
    except StatusError as error:
        return error.code, str(error)
    inputs = {
        name: (array.dtype, array.shape, array.tolist())
        for name, array in request.inputs.items()
    }
    return repr((inputs, request.id, request.outputs, request.binary))


NUMBERS = "1, 2", "1.5,-2e3", "1e39, 16777217", "NaN, 1", "1", "1, 2, 3", "", "1,"
NUMBERS += '1, "2"', "true, 1", "[1, 2]", "300, 1", "1] , [2", "18446744073709551616, 1"
TEXTS = (
    '{"inputs": [{"name": "x", "datatype": "TYPE", "shape": [2], "data": [%s]}]}',
    '{"inputs": [{"data" : [%s], "name": "x", "datatype": "TYPE", "shape": [2]}], '
    '"outputs": [{"name": "y", "parameters": {"binary_data": true}}]}',
    '{"inputs": [{"name": "x", "datatype": "TYPE", "shape": [2], "d\\u0061ta": [9, 9], '
    '"\\"data": [%s]}]}',
    '{"data": [%s], "inputs": [{"name": "x", "datatype": "TYPE", "shape": [2]}]}',
    '{"id": "7", "inputs": [{"name": "x", "datatype": "TYPE", "shape": [2], '
    '"data": [%s]}]}',
)


@pytest.mark.parametrize("dtype", ["DT_FLOAT", "DT_UINT8", "DT_UINT64", "DT_BFLOAT16"])
@pytest.mark.parametrize("text", TEXTS)
def test_json_that_came_before_is_read_as_if_it_had_not(text, dtype, monkeypatch):
    signatures = signature(dtype)
    text = text.replace("TYPE", DATATYPES[dtype])
    bodies = [(text % numbers).encode() for numbers in NUMBERS]
    for first in bodies[:2]:
        for second in bodies:
            monkeypatch.setattr(templates, "_templates", {})
            expected = outcome(second, None, signatures)
            monkeypatch.setattr(templates, "_templates", {})
            outcome(first, None, signatures)
            assert outcome(second, None, signatures) == expected
            assert outcome(second, None, signature()) == outcome(
                second + b" ", None, signature()
            )


def test_binary_data_behind_json_that_came_before(monkeypatch):
    content, size = body(binary(8), tail=np.float32([1, 2]).tobytes())
    signatures = signature()
    for tail in (np.float32([3, 4]).tobytes(), b"", b"1234567", b"123456789"):
        again = content[:size] + tail
        assert "[1.0, 2.0]" in outcome(content, size, signatures)
        found = outcome(again, size, signatures)
        monkeypatch.setattr(templates, "_templates", {})
        assert found == outcome(again, size, signatures)
        if not tail:
            assert found[0] is Code.INVALID_ARGUMENT


def test_what_is_known_of_requests_is_bounded():
    signatures = signature(shape=None)
    for width in range(1, 2 * templates._MOST):
        content, size = body(tensor(shape=[1] * 30, data=[1.0]), extra="x" * width)
        decode_infer_request(content, size, signatures)
    assert len(templates._templates) <= templates._MOST
    assert max(map(len, templates._templates)) <= templates._LONGEST
