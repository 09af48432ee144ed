"""Requests and answers of TensorFlow Serving, one a row, over real sockets.

Answers are those that its `json_tensor.cc`, `http_rest_api_handler.cc` and
`get_model_*_impl.cc` give for its half_plus_two, and for a model of identities.
"""

import grpc
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.framework import types_pb2
from tensorflow_serving.apis import (
    classification_pb2,
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
    regression_pb2,
)

import serving
from tests.serving import half_plus_two
from tests.serving.tensorflow_1 import _save, v1

TYPES = {
    "f16": tf.float16,
    "f32": tf.float32,
    "f64": tf.float64,
    "i8": tf.int8,
    "i16": tf.int16,
    "i32": tf.int32,
    "i64": tf.int64,
    "u8": tf.uint8,
    "u32": tf.uint32,
    "u64": tf.uint64,
    "bool": tf.bool,
    "text": tf.string,
}
CONFIG = """
model_config_list {{
  config {{
    name: "half" base_path: "{base}/half" model_platform: "tensorflow"
    model_version_policy {{ specific {{ versions: 1 versions: 3 }} }}
    version_labels {{ key: "stable" value: 1 }}
    version_labels {{ key: "canary" value: 3 }}
  }}
  config {{ name: "half 2" base_path: "{base}/tf2" model_platform: "tensorflow" }}
  config {{ name: "metadata" base_path: "{base}/tf2" model_platform: "tensorflow" }}
  config {{ name: "same" base_path: "{base}/same" model_platform: "tensorflow" }}
}}
"""


def save_identities(folder):
    """A signature for each type, and some with several inputs or no rows."""
    with tf.Graph().as_default(), v1.Session() as session:
        signatures = {}
        for name, dtype in TYPES.items():
            x = v1.placeholder(dtype, name=name)
            signatures[name] = ({"x": x}, {"y": tf.identity(x)}, "predict")
        a, b = signatures["f32"][0]["x"], signatures["text"][0]["x"]
        both = {"a": tf.identity(a), "b": tf.identity(b), "b_bytes": tf.identity(b)}
        signatures["two"] = ({"a": a, "b": b}, both, "predict")
        signatures["total"] = ({"x": a}, {"y": tf.reduce_sum(a)}, "predict")
        uneven = {"a": tf.identity(a), "b": tf.concat([a, a], 0)}
        signatures["uneven"] = ({"x": a}, uneven, "predict")
        signatures["constant"] = ({}, {"y": tf.constant([1.0])}, "predict")
        _save(folder, session, signatures)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    base = tmp_path_factory.mktemp("models")
    for version in (1, 2, 3):
        half_plus_two.save_tensorflow_1(base / "half" / f"{version}", 1.0 + version)
    half_plus_two.save_tensorflow_2(base / "tf2" / "00000123")
    save_identities(base / "same" / "1")
    path = base / "models.config"
    path.write_text(CONFIG.format(base=base))
    options = {"rest_api_port": 0, "port": 0, "trust": True}
    options["allow_version_labels_for_unavailable_models"] = True
    with serving.Server(model_config_file=path, **options) as running:
        yield running


@pytest.fixture(scope="module")
def http():
    import requests

    with requests.Session() as session:
        session.trust_env = False
        yield session


OK = {"error_code": "OK", "error_message": ""}
ONE, THREE = (
    {"version": version, "state": "AVAILABLE", "status": OK} for version in "13"
)
HALF = "/v1/models/half"
MALFORMED = "Malformed request: "
# By method and path: the code, and the document or a part of the error's message.
ROUTES = [
    ("GET", HALF, 200, {"model_version_status": [THREE, ONE]}),
    ("GET", "/V1/Models/half", 200, {"model_version_status": [THREE, ONE]}),
    ("GET", f"{HALF}?timeout=1", 200, {"model_version_status": [THREE, ONE]}),
    ("GET", "/v1/models/h%61lf", 200, {"model_version_status": [THREE, ONE]}),
    ("GET", f"{HALF}/versions/1", 200, {"model_version_status": [ONE]}),
    ("GET", f"{HALF}/versions/0001", 200, {"model_version_status": [ONE]}),
    ("GET", f"{HALF}/labels/canary", 200, {"model_version_status": [THREE]}),
    ("GET", f"{HALF}/labels/c%61nary", 200, {"model_version_status": [THREE]}),
    ("GET", "/v1/models/Half", 404, "Could not find any versions of model Half"),
    ("GET", f"{HALF}/versions/0", 404, "Could not find version 0 of model half"),
    ("GET", f"{HALF}/versions/2", 404, "Could not find version 2 of model half"),
    ("GET", f"{HALF}/versions/{2**63 - 1}", 404, f"Could not find version {2**63 - 1}"),
    ("GET", f"{HALF}/versions/{2**63}", 400, "Failed to convert version: 92233720368"),
    ("GET", f"{HALF}/versions/-1", 400, f"{MALFORMED}GET {HALF}/versions/-1"),
    ("GET", f"{HALF}/versions/1.0", 400, MALFORMED),
    ("GET", f"{HALF}/versions/", 400, MALFORMED),
    ("GET", f"{HALF}/versions", 400, MALFORMED),
    ("GET", f"{HALF}/labels/", 400, MALFORMED),
    ("GET", f"{HALF}/labels/new", 400, "Unrecognized servable version label: new"),
    ("GET", f"{HALF}/", 400, MALFORMED),
    ("GET", f"{HALF}/versions/1/labels/stable", 400, MALFORMED),
    ("GET", f"{HALF}/metadata/", 400, MALFORMED),
    ("GET", f"{HALF}/metadata/versions/1", 400, MALFORMED),
    ("GET", f"{HALF}/versions/2/metadata", 404, "Specific(half, 2)"),
    ("GET", f"{HALF}/labels/new/metadata", 400, "Unrecognized servable version label"),
    ("GET", "/v1/models/none/metadata", 404, "Servable not found for request: Latest"),
    ("GET", "/v1/models", 400, "Missing model name in request."),
    ("GET", "/v1/models/versions/1", 400, "Missing model name in request."),
    ("GET", "/v1/models/labels/x/metadata", 400, "Missing model name in request."),
    ("GET", "/v1/models/", 400, MALFORMED),
    ("GET", "/v1/", 400, MALFORMED),
    ("GET", f"/{HALF}", 404, "Not found"),
    ("GET", "/v1/models/metadata", 200, "123"),
    ("GET", "/v1/models/half%202", 200, "123"),
    ("GET", f"{HALF}:predict", 400, MALFORMED),
    ("POST", HALF, 400, MALFORMED),
    ("POST", f"{HALF}/metadata", 400, MALFORMED),
    ("POST", f"{HALF}/versions/1/labels/stable:predict", 400, MALFORMED),
    ("POST", f"{HALF}:multiinference", 400, MALFORMED),
    ("POST", f"{HALF}/:predict", 400, MALFORMED),
    ("POST", "/v1/models/:predict", 400, MALFORMED),
    ("POST", f"{HALF}/versions/1:predict", 200, {"predictions": [2.5]}),
    ("POST", f"{HALF}/labels/stable:predict", 200, {"predictions": [2.5]}),
    ("POST", f"{HALF}:predict?x", 200, {"predictions": [4.5]}),
    ("POST", "/v1/models/half%202/versions/123:predict", 200, {"predictions": [2.5]}),
    ("POST", f"{HALF}/labels/new:predict", 400, "Unrecognized servable version label"),
    ("POST", "/v1/models/none/labels/a:predict", 400, "Unrecognized servable version"),
    ("POST", f"{HALF}/versions/{2**64}:predict", 400, "Failed to convert version"),
    ("PATCH", f"{HALF}:predict", 400, f"{MALFORMED}PATCH {HALF}:predict"),
    ("DELETE", HALF, 400, f"{MALFORMED}DELETE {HALF}"),
    ("OPTIONS", HALF, 400, f"{MALFORMED}OPTIONS {HALF}"),
]


def check(reply, status, expected):
    assert reply.status_code == status, reply.text
    assert reply.headers["Content-Type"] == "application/json"
    if isinstance(expected, dict):
        assert reply.json() == expected
    elif status == 200:
        assert expected in reply.text
    else:
        assert list(reply.json()) == ["error"]
        assert expected in reply.json()["error"]


@pytest.mark.parametrize(("method", "path", "status", "expected"), ROUTES)
def test_route(server, http, method, path, status, expected):
    body = '{"instances": [1.0]}' if method in ("POST", "PATCH") else None
    url = server.url + path
    check(http.request(method, url, data=body, timeout=60), status, expected)


# By signature and body: the text of the answer, or a part of the error's message.
BODIES = [
    ("half", '{"instances": [1, 2.5, -3e0]}', '{"predictions":[4.5,5.25,2.5]}'),
    ("half", '{"instances": [[1], [2]]}', '{"predictions":[[4.5],[5.0]]}'),
    ("half", '{"instances": [{"x": 1}, {"x": 2}]}', '{"predictions":[4.5,5.0]}'),
    ("half", '{"instances": [{"x": [1, 2]}]}', '{"predictions":[[4.5,5.0]]}'),
    ("half", '{"inputs": 1}', '{"outputs":4.5}'),
    ("half", '{"inputs": [1]}', '{"outputs":[4.5]}'),
    ("half", '{"inputs": {"x": 1}}', '{"outputs":4.5}'),
    ("half", '{"inputs": {"x": [[1]], "z": {}}}', '{"outputs":[[4.5]]}'),
    ("half", '{"inputs": []}', '{"outputs":[]}'),
    ("half", '{"instances": [[]]}', '{"predictions":[[]]}'),
    ("half", '{"instances": [[], []]}', '{"predictions":[[],[]]}'),
    ("half", '\ufeff{"inputs": 1}', '{"outputs":4.5}'),
    ("half", ' \r\n{"inputs":\t1}\n', '{"outputs":4.5}'),
    ("half", '{"x": [{}], "inputs": 1}', '{"outputs":4.5}'),
    ("half", '{"signature_name": "", "inputs": 1}', '{"outputs":4.5}'),
    ("half", '{"instances": [NaN, -Infinity]}', '{"predictions":[NaN,-Infinity]}'),
    ("half", '{"instances": [Inf, -Inf]}', '{"predictions":[Infinity,-Infinity]}'),
    ("half", '{"instances": {}}', "JSON Value: {...} Excepting 'instances' to be an"),
    ("half", '{"instances": []}', "JSON Value: {...} No values in 'instances' array"),
    ("half", '{"instances": [1], "inputs": 1}', "Not formatted correctly expecting"),
    ("half", '{"predictions": [1]}', "Missing 'inputs' or 'instances' key"),
    ("half", '{"Instances": [1]}', "Missing 'inputs' or 'instances' key"),
    ("half", '{"inputs": {}}', "Missing named input: x in 'inputs' object."),
    ("half", '{"inputs": null}', "JSON Value: null Type: Null is not of expected type"),
    ("half", '{"inputs": "1"}', 'JSON Value: "1" Type: String is not of expected type'),
    ("half", '{"inputs": [1, true]}', "JSON Value: true Type: True is not of expected"),
    ("half", '{"inputs": [[1], 2]}', "JSON Value: 2 found at incorrect level: 2 in"),
    ("half", '{"inputs": [1, [2]]}', "Encountered list at unexpected level: 1 expect"),
    (
        "half",
        '{"inputs": [[1], []]}',
        "Encountered list at unexpected size: 0 at level",
    ),
    ("half", '{"instances": [{"x": 1}, {}]}', "Failed to process element: 1 of 'inst"),
    ("half", '{"instances": [{"x": 1, "z": 2}]}', "does not have named input: "),
    ("half", '{"instances": [1,]}', "JSON Parse error: Invalid value. at offset: 17"),
    ("half", '{"instances": [1e400]}', "Number too big to be stored in double."),
    ("half", "{instances: [1]}", "Missing a name for object member. at offset: 1"),
    ("half", '{"instances" [1]}', "Missing a colon after a name of object member."),
    ("half", '{"instances": [1]} 2', "The document root must not be followed by"),
    ("half", '{"instances": [1] 2}', "Missing a comma or } after an object member."),
    ("half", '{"instances": [01]}', "Missing a comma or ] after an array element."),
    ("half", '{"signature_name": 1}', "'signature_name' key must be a string value."),
    ("half", "null", "JSON Value: null Is not object"),
    ("two", '{"inputs": {"a": 1, "b": "c"}}', '{"a":1.0,"b":"c","b_bytes":{"b64":'),
    ("two", '{"instances": [{"a": 1, "b": "é"}]}', '[{"a":1.0,"b":"é","b_bytes":{"b'),
    ("two", '{"instances": [1]}', "instances is a plain list, but expecting list of"),
    ("two", '{"inputs": [1]}', "inputs is a plain value/list, but expecting an object"),
    ("two", '{"instances": [{"a": 1}]}', "keys must be equal to: a,b"),
    (
        "f64",
        '{"inputs": [0.1, 1e300, 0.30000000000000004]}',
        "[0.1,1e+300,0.3000000000",
    ),
    ("f32", '{"inputs": [16777217, 1e39, 1e-50]}', "[16777216.0,Infinity,0.0]"),
    ("f32", '{"inputs": [-0.0, 1e-5, 123456789]}', "[-0.0,1e-05,123456792.0]"),
    ("i8", '{"inputs": [-128, 127]}', '{"outputs":[-128,127]}'),
    (
        "i16",
        '{"inputs": 1.0}',
        "JSON Value: 1.0 Type: Number is not of expected type: ",
    ),
    ("i32", '{"inputs": 2147483648}', "Type: Number is not of expected type: int32"),
    ("i64", '{"inputs": -9223372036854775808}', '{"outputs":-9223372036854775808}'),
    ("i64", '{"inputs": 9223372036854775808}', "is not of expected type: int64"),
    ("u32", '{"inputs": -1}', "Type: Number is not of expected type: uint32"),
    ("u64", '{"inputs": 18446744073709551615}', '{"outputs":18446744073709551615}'),
    ("bool", '{"inputs": [true, false]}', '{"outputs":[true,false]}'),
    (
        "bool",
        '{"inputs": 1}',
        "JSON Value: 1 Type: Number is not of expected type: bool",
    ),
    ("text", '{"inputs": {"b64": "aGk="}}', '{"outputs":"hi"}'),
    (
        "text",
        '{"instances": [{"b64": "aGk"}, "a\\n"]}',
        '{"predictions":["hi","a\\n"]}',
    ),
    ("text", '{"inputs": {"x": {"b64": ""}}}', '{"outputs":""}'),
    ("text", '{"inputs": [{"b64": 1}]}', "not formatted correctly for base64 data"),
    (
        "text",
        '{"inputs": [{"b64": "a", "c": 1}]}',
        "not formatted correctly for base64",
    ),
    ("text", '{"inputs": [{"b64": "*"}]}', "Unable to base64 decode"),
    (
        "text",
        '{"inputs": 1}',
        "JSON Value: 1 Type: Number is not of expected type: strin",
    ),
    ("total", '{"instances": [1, 2]}', "Tensor name: y has no shape information"),
    ("total", '{"inputs": [1, 2]}', '{"outputs":3.0}'),
    ("uneven", '{"instances": [1]}', "has inconsistent batch size: "),
    ("uneven", '{"inputs": [1]}', '{"outputs":{"a":[1.0],"b":[1.0,1.0]}}'),
    ("constant", '{"inputs": {}}', "Failed to get input map for signature: constant"),
    (
        "f99",
        '{"inputs": 1}',
        'Serving signature name: "f99" not found in signature def',
    ),
]


@pytest.mark.parametrize(("signature", "body", "expected"), BODIES)
def test_body(server, http, signature, body, expected):
    model = "half" if signature == "half" else "same"
    if model == "same":
        body = f'{{"signature_name": "{signature}", {body[1:]}'
    url = f"{server.url}/v1/models/{model}:predict"
    reply = http.post(url, data=body.encode(), timeout=60)
    reply.encoding = "utf-8"
    if expected.startswith(("{", "[")):
        assert reply.status_code == 200, reply.text
        assert expected in reply.text
    else:
        check(reply, 400, expected)


CLASSIFY, REGRESS = "classify_x_to_y", "regress_x_to_y"
EXAMPLES = [
    (":classify", CLASSIFY, '"examples": [{"x": 2.0}]', '{"results":[[["",5.0]]]}'),
    (":regress", REGRESS, '"examples": [{"x": [2.0]}]', '{"results":[5.0]}'),
    (":regress", REGRESS, '"context": {"x": 2.0}, "examples": [{}]', "[5.0]"),
    (
        ":regress",
        REGRESS,
        '"context": {"x": 9.0}, "examples": [{"x": 2.0}, {}]',
        "[5.0,8.5]",
    ),
    (":regress", REGRESS, '"examples": [{"x": 2.0, "z": {"b64": "AA=="}}]', "[5.0]"),
    (":regress", REGRESS, '"examples": [{"x": 2}]', "Data type: int64 but expected"),
    (":regress", REGRESS, '"examples": [{"x": true}]', "Data type: int64 but expected"),
    (":regress", REGRESS, '"examples": [{"x": [1.0, "a"]}]', "expecting type: float"),
    (":regress", REGRESS, '"examples": [{"x": [[1.0]]}]', "unexpected JSON type: Arr"),
    (":regress", REGRESS, '"examples": [{"x": null}]', "unexpected JSON type: Null"),
    (":regress", REGRESS, '"examples": [{"x": {"a": 1}}]', "unexpected JSON type: Obj"),
    (
        ":regress",
        REGRESS,
        '"examples": [1]',
        "Example must be JSON object but got JSON",
    ),
    (":regress", REGRESS, '"examples": {}', "Expecting 'examples' value to be an list"),
    (":regress", REGRESS, '"examples": []', "'examples' value is an empty array"),
    (":regress", REGRESS, '"instances": [1]', "key 'examples' is expected and was not"),
    (
        ":regress",
        REGRESS,
        '"examples": [{}]',
        "Feature: x (data type: float) is requir",
    ),
    (
        ":regress",
        CLASSIFY,
        '"examples": [{"x": 2.0}]',
        "No regression outputs found in",
    ),
    (":classify", REGRESS, '"examples": [{"x": 2.0}]', "Expected classification signa"),
    (":classify", "", '"examples": [{"x": 2.0}]', "No classification inputs found in"),
    (":classify", "f99", '"examples": [{}]', "No signature was found with the name: f"),
]


@pytest.mark.parametrize(("method", "signature", "body", "expected"), EXAMPLES)
def test_examples(server, http, method, signature, body, expected):
    document = f'{{"signature_name": "{signature}", {body}}}'
    reply = http.post(f"{server.url}{HALF}{method}", data=document, timeout=60)
    if expected.startswith(("{", "[")):
        assert reply.status_code == 200, reply.text
        assert expected in reply.text
    else:
        check(reply, 400, expected)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded"])
def test_the_type_of_a_body_does_not_matter(server, http, kind):
    headers = {"Content-Type": kind, "Accept": "text/html"}
    url = f"{server.url}{HALF}:predict"
    reply = http.post(url, data='{"inputs": 1}', headers=headers, timeout=60)
    check(reply, 200, {"outputs": 4.5})


@pytest.mark.parametrize("path", ["", "/versions/1", "/labels/canary"])
def test_metadata(server, http, path):
    """As `MessageToJsonString` writes `SignatureDefMap` with its default values."""
    document = http.get(f"{server.url}{HALF}{path}/metadata", timeout=60).json()
    version = "1" if path == "/versions/1" else "3"
    assert document["model_spec"] == {
        "name": "half",
        "signature_name": "",
        "version": version,
    }
    found = document["metadata"]["signature_def"]["signature_def"]
    assert sorted(found) == [CLASSIFY, REGRESS, "serving_default"]
    unknown = {"dtype": "DT_FLOAT", "tensor_shape": {"dim": [], "unknown_rank": True}}
    assert found["serving_default"] == {
        "inputs": {"x": {**unknown, "name": "x:0"}},
        "outputs": {"y": {**unknown, "name": "y:0"}},
        "method_name": "tensorflow/serving/predict",
        "defaults": {},
    }


def test_shapes_in_metadata(server, http):
    document = http.get(f"{server.url}/v1/models/half%202/metadata", timeout=60).json()
    signature = document["metadata"]["signature_def"]["signature_def"]
    shape = signature["serving_default"]["inputs"]["x"]["tensor_shape"]
    assert shape == {"dim": [{"size": "-1", "name": ""}], "unknown_rank": False}


# The same with TensorFlow Serving's own client library.


@pytest.fixture(scope="module")
def channel(server):
    with grpc.insecure_channel(server.grpc_address) as channel:
        yield channel


def spec(made, name="half", signature="", version=None, label=""):
    made.model_spec.name = name
    made.model_spec.signature_name = signature
    if version is not None:
        made.model_spec.version.value = version
    if label:
        made.model_spec.version_label = label
    return made


def predict(channel, x=1.0, output_filter=(), shape=None, **of):
    made = spec(predict_pb2.PredictRequest(output_filter=output_filter), **of)
    made.inputs["x"].CopyFrom(tf.make_tensor_proto(x, shape=shape))
    stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
    return stub.Predict(made, timeout=60)


@pytest.mark.parametrize(
    ("given", "values", "version"),
    [
        ({}, [4.5], 3),
        ({"version": 1}, [2.5], 1),
        ({"label": "stable"}, [2.5], 1),
        ({"x": [1.0, 2.0]}, [4.5, 5.0], 3),
        ({"x": [[1.0], [2.0]]}, [4.5, 5.0], 3),
        ({"x": 1.0, "shape": (3,)}, [4.5] * 3, 3),
        ({"output_filter": ["y"]}, [4.5], 3),
    ],
)
def test_predict_with_their_client(channel, given, values, version):
    answer = predict(channel, **given)
    assert list(answer.outputs["y"].float_val) == values
    assert answer.outputs["y"].dtype == types_pb2.DT_FLOAT
    assert answer.model_spec.version.value == version
    assert answer.model_spec.signature_name == "serving_default"


def dtype(name):
    return TYPES[name].as_numpy_dtype


@pytest.mark.parametrize("name", [*TYPES])
def test_types_with_their_client(channel, name):
    values = np.array([[1, 0]]).astype(bytes if name == "text" else dtype(name))
    proto = tf.make_tensor_proto(values, TYPES[name])
    made = spec(predict_pb2.PredictRequest(), "same", name)
    made.inputs["x"].CopyFrom(proto)
    stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
    answer = stub.Predict(made, timeout=60).outputs["y"]
    assert answer.dtype == proto.dtype
    assert not answer.tensor_content
    assert tf.make_ndarray(answer).tolist() == tf.make_ndarray(proto).tolist()


@pytest.mark.parametrize(
    ("given", "code", "text"),
    [
        ({"name": ""}, "INVALID_ARGUMENT", "no name"),
        ({"name": "none"}, "NOT_FOUND", "Servable not found for request: Latest(none)"),
        ({"version": 2}, "NOT_FOUND", "Servable not found for request: Specific(half"),
        ({"label": "new"}, "INVALID_ARGUMENT", "Unrecognized servable version label"),
        ({"signature": "f99"}, "FAILED_PRECONDITION", 'signature key "f99" not found.'),
        ({"x": 1}, "INVALID_ARGUMENT", "to be float but int32 is provided"),
        ({"output_filter": ["z"]}, "INVALID_ARGUMENT", "output tensor alias not found"),
        ({"output_filter": ["y", "y"]}, "INVALID_ARGUMENT", "duplicate output tensor"),
    ],
)
def test_errors_with_their_client(channel, given, code, text):
    with pytest.raises(grpc.RpcError) as caught:
        predict(channel, **given)
    assert caught.value.code().name == code
    assert text in caught.value.details()


@pytest.mark.parametrize(
    ("fields", "given", "text"),
    [
        ([], {}, "GetModelMetadataRequest must specify at least one metadata_field"),
        (["signature"], {}, "Metadata field signature is not supported"),
        (["signature_def"], {"name": "none"}, "Servable not found for request: Latest"),
    ],
)
def test_metadata_with_their_client(channel, fields, given, text):
    stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
    made = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=fields)
    with pytest.raises(grpc.RpcError) as caught:
        stub.GetModelMetadata(spec(made, **given), timeout=60)
    assert text in caught.value.details()


def test_status_with_their_client(channel):
    stub = model_service_pb2_grpc.ModelServiceStub(channel)
    ask = get_model_status_pb2.GetModelStatusRequest
    found = stub.GetModelStatus(spec(ask()), timeout=60).model_version_status
    assert [(row.version, row.state) for row in found] == [(3, 30), (1, 30)]
    for made, text in ((ask(), "Missing ModelSpec"), (spec(ask(), version=0), "0 of")):
        with pytest.raises(grpc.RpcError, match=text):
            stub.GetModelStatus(made, timeout=60)


def test_examples_with_their_client(channel):
    stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
    example = tf.train.Example()
    example.features.feature["x"].float_list.value.append(2.0)
    made = spec(regression_pb2.RegressionRequest(), signature=REGRESS)
    made.input.example_list.examples.append(example)
    assert stub.Regress(made, timeout=60).result.regressions[0].value == 5.0
    made = spec(classification_pb2.ClassificationRequest(), signature=CLASSIFY)
    with pytest.raises(grpc.RpcError, match="Input is empty"):
        stub.Classify(made, timeout=60)
