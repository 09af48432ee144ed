"""The REST API over a real socket, once with each engine."""

import concurrent.futures
import gzip
import json
import socket
from http.client import HTTPConnection

import numpy as np
import pytest

from serving.engines import find_engines, load_engine

IMAGES = np.random.default_rng(1).normal(size=(3, 4, 4, 1)).astype(np.float32)
ONE_IMAGE = json.dumps(IMAGES[:1].tolist())
TWO_ROWS = [{"a": [1.0, 2.0], "b": 3}, {"a": [0.5, 0.25], "b": -1}]


def post(http, server, name, document, path=""):
    body = document if isinstance(document, bytes) else json.dumps(document)
    url = f"{server.url}/v1/models/{name}{path}:predict"
    return http.post(url, data=body, timeout=60)


@pytest.fixture
def engine(server, artifacts):
    loaded = load_engine(artifacts / "image" / "1", server.engine)
    yield loaded
    loaded.close()


def test_row_format_of_two_outputs(server, http, engine, predict_image):
    reply = post(http, server, "image", {"instances": IMAGES.tolist()})
    assert reply.status_code == 200, reply.text
    assert reply.headers["Content-Type"].startswith("application/json")
    rows = reply.json()["predictions"]
    outputs = engine.predict("serving_default", {"image": IMAGES})
    for index, row in enumerate(rows):
        assert set(row) == {"probabilities", "class_ids"}
        assert np.float32(row["probabilities"]).tolist() == pytest.approx(
            outputs["probabilities"][index].tolist(), abs=1e-7
        )
        assert row["class_ids"] == outputs["class_ids"][index]
    expected = predict_image(IMAGES)
    assert [row["class_ids"] for row in rows] == expected["class_ids"].tolist()


def test_column_format_of_two_outputs(server, http, predict_image):
    reply = post(http, server, "image", {"inputs": {"image": IMAGES.tolist()}})
    outputs = reply.json()["outputs"]
    expected = predict_image(IMAGES)
    np.testing.assert_allclose(
        outputs["probabilities"], expected["probabilities"], atol=1e-6
    )
    assert outputs["class_ids"] == expected["class_ids"].tolist()


def test_engines_agree(artifacts, predict_image):
    expected = predict_image(IMAGES)
    for name in ("tensorflow", "onnx"):
        engine = load_engine(artifacts / "image" / "1", name)
        outputs = engine.predict("serving_default", {"image": IMAGES})
        np.testing.assert_allclose(
            outputs["probabilities"], expected["probabilities"], atol=1e-6
        )
        engine.close()


def test_two_inputs_one_output(server, http):
    rows = post(http, server, "pair", {"instances": TWO_ROWS}).json()
    assert rows == {"predictions": [6.0, -0.25]}
    columns = {"a": [[1, 2], [0.5, 0.25]], "b": [3, -1]}
    reply = post(http, server, "pair", {"inputs": columns}).json()
    assert reply == {"outputs": [6.0, -0.25]}


def test_integers(server, http):
    reply = post(http, server, "counter", {"instances": [[1, 2, 2**40]]})
    assert reply.json() == {"predictions": [[2, 4, 2**41]]}


def test_strings_and_bytes(server, http):
    document = {"instances": ["héllo", {"b64": "d29ybGQ="}, "nul\0"]}
    rows = post(http, server, "text", document).json()["predictions"]
    assert rows == [
        {"echo": "héllo", "raw_bytes": {"b64": "aMOpbGxv"}},
        {"echo": "world", "raw_bytes": {"b64": "d29ybGQ="}},
        {"echo": "nul\0", "raw_bytes": {"b64": "bnVsAA=="}},
    ]


def test_bytes_that_are_no_text(server, http):
    reply = post(http, server, "text", {"inputs": [{"b64": "/wA="}]})
    if server.engine == "onnx":
        assert reply.status_code == 400
        assert "must be UTF-8" in reply.json()["error"]
    else:
        assert reply.json()["outputs"]["raw_bytes"] == [{"b64": "/wA="}]


def test_special_floats_travel_both_ways(server, http):
    body = b'{"instances": [{"a": [NaN, 1], "b": 0}, {"a": [-Infinity, 1], "b": 0}]}'
    reply = post(http, server, "pair", body)
    assert reply.text == '{"predictions":[NaN,-Infinity]}'


def test_other_signature(server, http):
    document = {"signature_name": "logits", "instances": IMAGES.tolist()}
    reply = post(http, server, "image", document)
    if server.engine == "onnx":
        assert reply.status_code == 400
    else:
        assert np.shape(reply.json()["predictions"]) == (3, 3)


def test_empty_batch(server, http):
    empty = {"inputs": {"text": []}}
    reply = post(http, server, "text", empty)
    assert reply.json() == {"outputs": {"echo": [], "raw_bytes": []}}


def test_explicit_version(server, http):
    document = {"instances": [[1, 2, 3]]}
    reply = post(http, server, "counter", document, path="/versions/1")
    assert reply.json() == {"predictions": [[2, 4, 6]]}


BAD_BODIES = {
    "empty": (b"", "JSON Parse error: The document is empty"),
    "no json": (b"instances = [1, 2]", "JSON Parse error: Invalid value."),
    "cut": (b'{"instances": [[1,', "JSON Parse error"),
    "not utf-8": (b'{"instances": "\xff"}', "JSON Parse error: Invalid encoding"),
    "not an object": (b"[1, 2]", "JSON Value: [1, 2] Is not object"),
    "nested deeply": (b'{"instances": ' + b"[" * 100_000, "Nested too deeply"),
    "huge number": (b'{"instances": ' + b"9" * 5000 + b"}", "JSON Parse error"),
    "neither key": (b"{}", "Missing 'inputs' or 'instances' key"),
    "both keys": (b'{"instances": [], "inputs": []}', "expecting only one of"),
    "instances no list": (b'{"instances": 5}', "'instances' to be an list/array"),
    "no instances": (b'{"instances": []}', "No values in 'instances' array"),
    "ragged": (
        b'{"instances": [[1, 2], [3]]}',
        "Failed to process element: 1 of 'instances' list. Error: INVALID_ARGUMENT: "
        "Expecting tensor size: 2 but got: 1",
    ),
    "mixed levels": (
        b'{"instances": [[1, 2], 3]}',
        "Expecting tensor size: 2 but got: 1",
    ),
    "ragged deep inside": (
        b'{"instances": ' + ONE_IMAGE.replace("]]", "], []]", 1).encode() + b"}",
        "Encountered list at unexpected size: 0 at level: 2 expected size: 1",
    ),
    "strings for numbers": (
        b'{"inputs": ["1", "2"]}',
        'JSON Value: "1" Type: String is not of expected type: float',
    ),
    "bool for number": (b'{"inputs": [true]}', "Type: True is not of expected type"),
    "null": (b'{"inputs": [null]}', "Type: Null is not of expected type: float"),
    "object for number": (
        b'{"inputs": [{"b64": "AA=="}]}',
        "Type: Object is not of expected type: float",
    ),
    "missing input": (
        b'{"inputs": {"picture": []}}',
        "Missing named input: image in 'inputs' object.",
    ),
    "wrong row": (
        b'{"instances": [{"picture": []}]}',
        'JSON object: does not have named input: "picture"',
    ),
    "object then list": (
        b'{"instances": [{"image": 1}, [1]]}',
        "Expecting object but got list at item 1 of input list",
    ),
    "list then object": (
        b'{"instances": [[1], {"image": 1}]}',
        "Expecting value/list but got object at item 1 of input list",
    ),
    "signature no string": (
        b'{"signature_name": 5, "instances": [1]}',
        "'signature_name' key must be a string value.",
    ),
    "unknown signature": (
        b'{"signature_name": "other", "instances": [1]}',
        'Serving signature name: "other" not found in signature def',
    ),
}


def test_the_graph_decides_about_shapes(server, http):
    """The signature says `[-1,4,4,1]`; the graph reshapes to rows of 16 numbers."""
    flat = {"instances": IMAGES.reshape(3, 16).tolist()}
    reply = post(http, server, "image", flat)
    if server.engine == "onnx":  # ONNX Runtime checks what the file says.
        assert reply.status_code == 400
        assert "Got: 2 Expected: 4" in reply.json()["error"]
    else:
        assert len(reply.json()["predictions"]) == 3
    for shapeless in (b'{"instances": [[1, 2]]}', b'{"inputs": 1}'):
        reply = post(http, server, "image", shapeless)
        assert reply.status_code == 400
        assert "\n" not in reply.json()["error"]


def test_large_numbers_are_rounded(server, http):
    document = {"inputs": {"a": [[2**24 + 1, 0], [1e39, 0]], "b": [0, 0]}, "c": 1}
    reply = post(http, server, "pair", document)
    assert reply.text == '{"outputs":[16777216.0,Infinity]}'


def test_other_keys_in_inputs_are_ignored(server, http):
    document = {"inputs": {"a": [[1, 2]], "b": [3], "mask": "x"}}
    assert post(http, server, "pair", document).json() == {"outputs": [6.0]}


@pytest.mark.parametrize("case", BAD_BODIES)
def test_bad_body(server, http, case):
    body, text = BAD_BODIES[case]
    reply = post(http, server, "image", body)
    assert reply.status_code == 400, reply.text
    assert list(reply.json()) == ["error"]
    assert text in reply.json()["error"]
    assert len(reply.text) < 500
    alive = post(http, server, "counter", {"instances": [[1, 2, 3]]})
    assert alive.json() == {"predictions": [[2, 4, 6]]}


@pytest.mark.parametrize(
    ("name", "document", "text"),
    [
        ("pair", {"instances": [1, 2]}, "list of objects as multiple input tensors"),
        ("pair", {"inputs": [1, 2]}, "an object as multiple input tensors"),
        ("pair", {"inputs": {"a": [[1, 2]]}}, "Missing named input: b"),
        ("pair", {"instances": [{"a": [1, 2]}]}, "keys must be equal to: a,b"),
        ("pair", {"inputs": {"a": [[1, 10**400]], "b": [1]}}, "Number too big to be"),
        ("counter", {"instances": [[1, 2, 3.5]]}, "Type: Number is not of expected"),
        ("counter", {"instances": [[1, 2, 2**63]]}, "is not of expected type: int64"),
        ("text", {"instances": [1, 2]}, "is not of expected type: string"),
        ("text", {"instances": [{"b64": "?"}]}, "Unable to base64 decode"),
        ("text", {"inputs": [{"b46": "AA=="}]}, "not formatted correctly for base64"),
        ("text", {"instances": ["\ud800"]}, "surrogate pair in string is invalid"),
    ],
)
def test_bad_value(server, http, name, document, text):
    reply = post(http, server, name, document)
    assert reply.status_code == 400
    assert text in reply.json()["error"]


@pytest.mark.parametrize(
    ("method", "path", "status", "error"),
    [
        ("GET", "/v1/models/none", 404, "Could not find any versions of model none"),
        (
            "GET",
            "/v1/models/image/versions/9",
            404,
            "Could not find version 9 of mode",
        ),
        ("GET", "/v1/models/none/metadata", 404, "not found for request: Latest(none)"),
        ("POST", "/v1/models/none:predict", 404, "for request: Latest(none)"),
        (
            "POST",
            "/v1/models/image/versions/9:predict",
            404,
            "Servable not found for request: Specific(image, 9)",
        ),
        ("POST", "/v1/models/image/versions/0:predict", 404, "Specific(image, 0)"),
        ("GET", "/v1/models", 400, "Missing model name in request."),
        (
            "GET",
            "/v1/models/image:predict",
            400,
            "Malformed request: GET /v1/models/",
        ),
        ("POST", "/v1/models/image", 400, "Malformed request: POST /v1/models/image"),
        ("PUT", "/v1/models/image", 400, "Malformed request: PUT"),
        ("POST", "/v1/models/image:explain", 400, "Malformed request"),
        ("POST", "/v1/models/image/versions/x:predict", 400, "Malformed request"),
        (
            "GET",
            f"/v1/models/image/versions/{2**64}",
            400,
            f"Failed to convert version: {2**64} to numeric.",
        ),
        ("GET", "/v1/foo", 400, "Malformed request: GET /v1/foo"),
        ("GET", "/v3", 404, "Not found: GET /v3"),
        ("GET", "/..%2fetc", 404, "Not found"),
    ],
)
def test_bad_route(server, http, method, path, status, error):
    body = b'{"instances": [1]}' if method == "POST" else None
    reply = http.request(method, server.url + path, data=body, timeout=60)
    assert reply.status_code == status
    assert error in reply.json()["error"]


def test_status_document(server, http):
    for path in ("", "/versions/1"):
        reply = http.get(f"{server.url}/v1/models/image{path}", timeout=60)
        assert reply.json() == {
            "model_version_status": [
                {
                    "version": "1",
                    "state": "AVAILABLE",
                    "status": {"error_code": "OK", "error_message": ""},
                }
            ]
        }


def test_metadata_document(server, http):
    document = http.get(f"{server.url}/v1/models/image/metadata", timeout=60).json()
    spec = {"name": "image", "signature_name": "", "version": "1"}
    assert document["model_spec"] == spec
    signatures = document["metadata"]["signature_def"]["signature_def"]
    signature = signatures["serving_default"]
    image = signature["inputs"]["image"]
    assert image.pop("name").startswith(
        "image" if server.engine == "onnx" else "serving_default_image:0"
    )
    sizes = [{"size": size, "name": ""} for size in ("-1", "4", "4", "1")]
    assert image == {
        "dtype": "DT_FLOAT",
        "tensor_shape": {"dim": sizes, "unknown_rank": False},
    }
    assert signature["outputs"]["class_ids"]["dtype"] == "DT_INT64"
    assert signature["method_name"] == "tensorflow/serving/predict"
    assert "__saved_model_init_op" not in signatures


def test_request_of_100_mb(server, http):
    reply = post(http, server, "image", b"[" * 100_000_000)
    assert reply.status_code == 413
    assert "larger than 1048576 bytes" in reply.json()["error"]
    test_integers(server, http)


def test_announced_length_is_refused_before_the_body_is_read(server, http):
    connection = HTTPConnection(server.url.removeprefix("http://"), timeout=60)
    connection.putrequest("POST", "/v1/models/image:predict")
    connection.putheader("Content-Length", "100000000")
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()
    test_integers(server, http)


def test_chunked_body_over_the_limit(server, http):
    chunks = (b" " * 2**16 for _ in range(64))
    url = f"{server.url}/v1/models/image:predict"
    reply = http.post(url, data=chunks, timeout=60)
    assert reply.status_code == 413
    test_integers(server, http)


def test_compressed_body(server, http):
    url = f"{server.url}/v1/models/counter:predict"
    body = gzip.compress(b'{"instances": [[1, 2, 3]]}')
    headers = {"Content-Encoding": "gzip"}
    reply = http.post(url, data=body, headers=headers, timeout=60)
    assert reply.json() == {"predictions": [[2, 4, 6]]}


@pytest.mark.parametrize(
    ("encoding", "body", "status", "text"),
    [
        ("gzip", b"no gzip", 400, "not gzip"),
        ("gzip", gzip.compress(b"{}", mtime=0)[:-3], 400, "ends too early"),
        (
            "gzip",
            gzip.compress(b" " * 2**21, mtime=0),
            413,
            "larger than 1048576 bytes",
        ),
        ("br", b"anything", 400, "Content-Encoding 'br' is not supported"),
    ],
)
def test_bad_compression(server, http, encoding, body, status, text):
    url = f"{server.url}/v1/models/counter:predict"
    headers = {"Content-Encoding": encoding}
    reply = http.post(url, data=body, headers=headers, timeout=60)
    assert reply.status_code == status
    assert text in reply.json()["error"]
    test_integers(server, http)


def test_client_that_leaves_in_the_middle(server, http, caplog):
    connection = HTTPConnection(server.url.removeprefix("http://"))
    connection.putrequest("POST", "/v1/models/image:predict")
    connection.putheader("Content-Length", "1000")
    connection.endheaders(b'{"instances"')
    connection.close()
    test_integers(server, http)
    assert not caplog.records


def test_broken_chunks(server, http):
    """The HTTP layer refuses what is no HTTP, and other clients notice nothing."""
    address = server.url.removeprefix("http://").split(":")
    with socket.create_connection((address[0], int(address[1])), timeout=60) as raw:
        raw.sendall(
            b"POST /v1/models/image:predict HTTP/1.1\r\nHost: localhost\r\n"
            b"Transfer-Encoding: chunked\r\n\r\nZZ\r\nno chunk\r\n"
        )
        assert b" 400 " in raw.makefile("rb").readline()
    test_integers(server, http)


def test_connection_is_kept(server):
    connection = HTTPConnection(server.url.removeprefix("http://"))
    connection.connect()
    kept = connection.sock
    for body in ('{"instances": [[1, 2, 3]]}', "no json", '{"inputs": [[1, 2, 3]]}'):
        connection.request("POST", "/v1/models/counter:predict", body)
        connection.getresponse().read()
        assert connection.sock is kept
    connection.close()


def test_concurrent_requests_get_their_own_answers(server, http):
    def ask(number):
        document = {"instances": [[number, 2 * number, 3 * number]]}
        return post(http, server, "counter", document).json()["predictions"]

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(100)))
    assert answers == [[[2 * n, 4 * n, 6 * n]] for n in range(100)]


def test_failure_inside_the_engine_is_500_without_traceback(
    server, http, monkeypatch, caplog
):
    def fail(self, signature_name, inputs):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(find_engines(server.engine)[0], "predict", fail)
    reply = post(http, server, "counter", {"instances": [[1, 2, 3]]})
    assert reply.status_code == 500
    assert reply.json() == {"error": "Internal error. The server's log says more."}
    assert "secret detail" in caplog.text
    monkeypatch.undo()
    test_integers(server, http)
