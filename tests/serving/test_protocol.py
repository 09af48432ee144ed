"""The protocol alone: no server, no engine, no model."""

import json
import math

import numpy as np
import pytest

from serving.errors import Code, StatusError
from serving.protocol.decimals import nest
from serving.protocol.documents import (
    State,
    VersionStatus,
    error_document,
    metadata_document,
    status_document,
)
from serving.protocol.json_body import parse_object
from serving.protocol.model_spec import ModelSpec
from serving.protocol.predict import (
    Format,
    decode_predict_request,
    encode_predict_response,
)
from serving.protocol.routes import Route, parse_route
from serving.protocol.signature_def import SignatureDef, TensorInfo
from serving.protocol.tensors import (
    NUMPY_DTYPES,
    decode_base64,
    decode_tensor,
    format_values,
)


def spec(dtype, shape=(None,)):
    return TensorInfo("x", dtype, shape, "x:0")


@pytest.mark.parametrize("dtype", sorted(set(NUMPY_DTYPES) - {"DT_STRING"}))
def test_numbers_round_trip(dtype):
    rng = np.random.default_rng(0)
    array = (rng.random((3, 4)) * 100).astype(NUMPY_DTYPES[dtype])
    text = nest(format_values("x", array), array.shape)
    decoded = decode_tensor(json.loads(text), spec(dtype, (None, 4)))
    assert decoded.dtype == array.dtype
    np.testing.assert_array_equal(decoded, array)


@pytest.mark.parametrize("dtype", ["DT_INT8", "DT_INT64", "DT_UINT8", "DT_UINT64"])
def test_limits_of_integers(dtype):
    info = np.iinfo(NUMPY_DTYPES[dtype])
    limits = [int(info.min), int(info.max)]
    assert decode_tensor(limits, spec(dtype)).tolist() == limits
    for outside in (limits[0] - 1, limits[1] + 1):
        with pytest.raises(StatusError, match=f"JSON Value: {outside} Type: Number"):
            decode_tensor([outside], spec(dtype))


def test_every_float32_comes_back():
    bits = np.random.default_rng(0).integers(0, 2**32, 200_000, np.uint32)
    special = np.float32([0.0, -0.0, 1e-45, 3.4028235e38, -3.4028235e38, np.inf])
    array = np.concatenate([bits.view(np.float32), special])
    values = [float(text) for text in format_values("x", array)]
    np.testing.assert_array_equal(np.float32(values), array)
    assert np.signbit(np.float32(values)[-5])


def test_what_a_float_accepts():
    values = [1, 2.5, float("nan"), float("inf"), -float("inf"), 2**24 + 1, 1e39]
    decoded = decode_tensor(values, spec("DT_FLOAT"))
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(decoded, np.float32(values))
    assert decode_tensor([2**24 + 2], spec("DT_DOUBLE")).tolist() == [2**24 + 2]


def test_scalars_and_empty_lists():
    assert decode_tensor(3, spec("DT_INT32", ())).shape == ()
    assert decode_tensor([], spec("DT_FLOAT")).shape == (0,)
    assert decode_tensor([[], []], spec("DT_FLOAT", (None, None))).shape == (2, 0)
    assert decode_tensor([[1]], spec("DT_FLOAT", None)).shape == (1, 1)


def test_types_that_json_cannot_carry():
    with pytest.raises(StatusError, match="to type: complex64") as caught:
        decode_tensor([1], spec("DT_COMPLEX64"))
    assert caught.value.code is Code.UNIMPLEMENTED
    with pytest.raises(StatusError, match="Failed to write JSON value for tensor type"):
        format_values("x", np.complex64([1]))
    with pytest.raises(StatusError, match="Failed to write JSON value for NoneType"):
        format_values("x", np.array([None]))


def test_strings():
    array = decode_tensor(["a\0", {"b64": "/w=="}], spec("DT_STRING"))
    assert array.tolist() == [b"a\0", b"\xff"]
    assert format_values("text", array) == [r'"a\u0000"', '{"b64":"/w=="}']
    assert format_values("png_bytes", array) == ['{"b64":"YQA="}', '{"b64":"/w=="}']


def test_base64_without_padding_or_with_line_breaks():
    assert decode_base64("aGVsbG8") == b"hello"
    assert decode_base64("aGVs\nbG8=") == b"hello"


def test_long_values_are_cut_in_messages():
    with pytest.raises(StatusError) as caught:
        decode_tensor(["x" * 10**6], spec("DT_FLOAT"))
    assert len(str(caught.value)) < 300


PAIR = {
    "serving_default": SignatureDef(
        "serving_default",
        {"a": spec("DT_FLOAT"), "b": spec("DT_INT64", (None, 2))},
        {},
    )
}


def test_row_and_column_format_mean_the_same():
    rows = b'{"instances": [{"a": 1, "b": [2, 3]}, {"b": [4, 5], "a": 6}]}'
    columns = b'{"inputs": {"a": [1, 6], "b": [[2, 3], [4, 5]]}}'
    by_row = decode_predict_request(rows, PAIR)
    by_column = decode_predict_request(columns, PAIR)
    assert (by_row.format, by_column.format) == (Format.ROW, Format.COLUMN)
    for name in ("a", "b"):
        np.testing.assert_array_equal(by_row.inputs[name], by_column.inputs[name])


def test_columns_may_differ_in_length():
    request = decode_predict_request(
        b'{"inputs": {"a": [1], "b": []}}',
        {
            "serving_default": SignatureDef(
                "serving_default", {"a": spec("DT_FLOAT"), "b": spec("DT_FLOAT")}, {}
            )
        },
    )
    assert {name: len(x) for name, x in request.inputs.items()} == {"a": 1, "b": 0}


def test_byte_order_mark_and_empty_signature_name():
    body = b'\xef\xbb\xbf{"signature_name": "", "inputs": {"a": [1], "b": [[2, 3]]}}'
    assert decode_predict_request(body, PAIR).signature_name == "serving_default"


@pytest.mark.parametrize(
    ("outputs", "text"),
    [
        ({"y": np.float32(1)}, "Tensor name: y has no shape information"),
        (
            {"y": np.zeros(2), "z": np.zeros(3)},
            "Tensor name: z has inconsistent batch size: 3 expecting: 2",
        ),
    ],
)
def test_outputs_that_are_no_rows(outputs, text):
    with pytest.raises(StatusError, match=text):
        encode_predict_response(outputs, Format.ROW)
    encode_predict_response(outputs, Format.COLUMN)


@pytest.mark.parametrize(
    ("method", "path", "route"),
    [
        ("GET", "/v1/models/m", Route("status", ModelSpec("m"))),
        ("GET", "/v1/models/m/versions/3", Route("status", ModelSpec("m", 3))),
        ("GET", "/v1/models/m/metadata", Route("metadata", ModelSpec("m"))),
        (
            "GET",
            "/v1/models/m/versions/3/metadata",
            Route("metadata", ModelSpec("m", 3)),
        ),
        ("POST", "/v1/models/m:predict", Route("predict", ModelSpec("m"))),
        (
            "POST",
            "/V1/Models/M/Versions/03:Predict",
            Route("predict", ModelSpec("M", 3)),
        ),
        (
            "POST",
            "/v1/models/lenet5.m:predict",
            Route("predict", ModelSpec("lenet5.m")),
        ),
        ("POST", "/v1/models/a%2Fb%3A:predict", Route("predict", ModelSpec("a/b:"))),
    ],
)
def test_routes(method, path, route):
    assert parse_route(method, path) == route


def test_documents_are_those_of_the_protocol_buffers():
    """The schema's own JSON parser, which knows every field, accepts them."""
    from google.protobuf import json_format
    from tensorflow_serving.apis import get_model_metadata_pb2, get_model_status_pb2

    versions = [
        VersionStatus(3, State.END, 'it "broke"'),
        VersionStatus(2, State.AVAILABLE),
    ]
    status = json_format.Parse(
        status_document(versions), get_model_status_pb2.GetModelStatusResponse()
    )
    assert [row.version for row in status.model_version_status] == [3, 2]
    assert [row.state for row in status.model_version_status] == [50, 30]
    assert status.model_version_status[0].status.error_message == 'it "broke"'
    for state in State:
        number = get_model_status_pb2.ModelVersionStatus.State.Value(state.name)
        assert number == state.value

    signatures = {
        "serving_default": SignatureDef(
            "serving_default",
            {"x": spec("DT_FLOAT", (None, 2))},
            {"y": spec("DT_STRING", None)},
        )
    }
    document = json.loads(metadata_document("m", 7, signatures))
    json_format.ParseDict(
        document["model_spec"],
        get_model_metadata_pb2.GetModelMetadataResponse().model_spec,
    )
    parsed = json_format.ParseDict(
        document["metadata"]["signature_def"], get_model_metadata_pb2.SignatureDefMap()
    )
    definition = parsed.signature_def["serving_default"]
    assert [dim.size for dim in definition.inputs["x"].tensor_shape.dim] == [-1, 2]
    assert definition.outputs["y"].tensor_shape.unknown_rank
    assert definition.method_name == "tensorflow/serving/predict"


def test_error_document():
    assert json.loads(error_document('a "quoted"\nline')) == {
        "error": 'a "quoted"\nline'
    }


def test_what_the_parser_of_tensorflow_serving_takes_beside_json():
    body = b'{"inputs": [-NaN, "-NaN", NaN]}\0'  # with the end of a string of C
    first, second, third = parse_object(body)["inputs"]
    assert math.isnan(first)
    assert math.isnan(third)
    assert second == "-NaN"
    with pytest.raises(StatusError, match="JSON Parse error"):
        parse_object(b'{"inputs": [-NaNs]}')


def test_inf_is_infinity_outside_of_strings_only():
    body = b'{"inputs": {"x": [Inf, -Inf, "Inf \\" Inf"]}, "y": "Inf"}'
    assert parse_object(body) == {
        "inputs": {"x": [math.inf, -math.inf, 'Inf " Inf']},
        "y": "Inf",
    }


def test_a_string_without_end_is_refused_in_linear_time():
    with pytest.raises(StatusError, match="Missing a closing quotation mark"):
        parse_object(b'{"inputs": [Inf, "' + b'\\"' * 500_000)
