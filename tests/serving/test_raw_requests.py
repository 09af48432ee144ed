"""Requests of Open Inference Protocol v2 that are binary data alone."""

import json

import numpy as np
import pytest

from serving.errors import Code, StatusError
from serving.protocol.open_inference.raw_request import decode_raw_request
from serving.protocol.signature_def import SignatureDef, TensorInfo

HEADER = "Inference-Header-Content-Length"
RAW = {HEADER: "0"}


def signatures(dtype, shape, name="serving_default"):
    infos = {"x": TensorInfo("x", dtype, shape, "x:0")}
    return {name: SignatureDef(name, infos, infos)}


@pytest.mark.parametrize(
    ("dtype", "shape", "body", "expected"),
    [
        ("DT_FLOAT", (None,), np.float32([1, 2, 3]).tobytes(), [1.0, 2.0, 3.0]),
        ("DT_FLOAT", (None, 2), np.float32([1, 2]).tobytes(), [[1.0, 2.0]]),
        ("DT_INT16", (2, None), np.int16([1, 2, 3, 4]).tobytes(), [[1, 2], [3, 4]]),
        ("DT_INT64", (2,), np.int64([1, 2]).tobytes(), [1, 2]),
        ("DT_DOUBLE", (), np.float64(7).tobytes(), 7.0),
        ("DT_BOOL", (None,), b"\0\1\2", [False, True, True]),
        ("DT_FLOAT", (None, 2), b"", []),
        ("DT_STRING", (None,), b"\xff 427", [b"\xff 427"]),
        ("DT_STRING", (None, 1), b"", [[b""]]),
        ("DT_STRING", (), b"a", b"a"),
    ],
)
def test_the_shape_follows_from_the_bytes(dtype, shape, body, expected):
    request = decode_raw_request(body, signatures(dtype, shape))
    x = request.inputs["x"]
    assert x.ndim == len(shape)
    assert x.tolist() == expected
    assert request.binary


@pytest.mark.parametrize(
    ("dtype", "shape", "body", "message"),
    [
        ("DT_FLOAT", (None, None), b"", r"open, which is \[-1,-1\]: send shape and"),
        ("DT_FLOAT", None, b"", r"open, which is \[\?\]: send shape and datatype"),
        ("DT_FLOAT", (None, 2), bytes(12), "has 12 bytes, its shape and datatype take"),
        ("DT_FLOAT", (None,), bytes(5), "has 5 bytes, its shape and datatype take 4"),
        ("DT_FLOAT", (2,), bytes(4), "has 4 bytes, its shape and datatype take 8"),
        ("DT_FLOAT", (None, 0), bytes(4), "has 4 bytes, its shape and datatype take 0"),
        ("DT_STRING", (2,), b"a", r"is one element, its shape is \[2\]"),
        ("DT_STRING", (None, 0), b"", r"is one element, its shape is \[-1,0\]"),
        ("DT_STRING", None, b"a", r"open, which is \[\?\]: send shape and datatype"),
    ],
)
def test_what_does_not_follow_is_refused(dtype, shape, body, message):
    with pytest.raises(StatusError, match=f"Input 'x': .*{message}") as caught:
        decode_raw_request(body, signatures(dtype, shape))
    assert caught.value.code is Code.INVALID_ARGUMENT


def test_the_only_signature_is_run():
    only = signatures("DT_FLOAT", (None,), "other")
    assert decode_raw_request(bytes(4), only).signature_name == "other"


def test_triton_s_raw_binary_request(server, http):
    images = np.random.default_rng(0).random((3, 4, 4, 1), np.float32)
    url = f"{server.url}/v2/models/image/infer"
    answer = http.post(url, data=images.tobytes(), headers=RAW)
    assert answer.status_code == 200
    size = int(answer.headers[HEADER])
    rows = {row["name"]: row for row in json.loads(answer.content[:size])["outputs"]}
    assert {name: row["shape"] for name, row in rows.items()} == {
        "probabilities": [3, 3],
        "class_ids": [3],
    }
    row = {"name": "image", "shape": [3, 4, 4, 1], "datatype": "FP32"}
    as_json = http.post(url, json={"inputs": [row | {"data": images.ravel().tolist()}]})
    expected = {row["name"]: row["data"] for row in as_json.json()["outputs"]}
    types, offset = {"probabilities": np.float32, "class_ids": np.int64}, size
    for name, row in rows.items():
        end = offset + row["parameters"]["binary_data_size"]
        got = np.frombuffer(answer.content[offset:end], types[name])
        np.testing.assert_allclose(got, expected[name], rtol=1e-6)
        offset = end
    assert offset == len(answer.content)


def test_triton_s_raw_binary_request_of_text(server, http):
    url = f"{server.url}/v2/models/text/infer"
    answer = http.post(url, data=b"abc", headers=RAW)
    assert answer.content.endswith(b"\3\0\0\0abc" * 2)


def test_several_inputs_need_their_json(server, http):
    url = f"{server.url}/v2/models/pair/infer"
    answer = http.post(url, data=bytes(12), headers=RAW)
    assert answer.status_code == 400
    assert answer.json()["error"] == (
        f"A request without JSON ({HEADER}: 0) needs a signature with one input; "
        "'serving_default' has 2: a, b."
    )


def test_an_empty_batch_is_answered(server, http):
    url = f"{server.url}/v2/models/image/infer"
    assert http.post(url, data=b"", headers=RAW).status_code in (200, 400)
    assert http.post(url, data=bytes(64), headers=RAW).status_code == 200
