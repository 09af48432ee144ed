"""Open Inference Protocol v2 over real sockets, by hand."""

import copy
import json
import random

import numpy as np
import pytest

from serving.transport import open_inference_rest
from serving.transport.body_pool import BodyPool

HEADER = "Inference-Header-Content-Length"


def test_a_signature_is_chosen_and_described(server, http):
    if server.engine == "onnx":
        pytest.skip("the ONNX file has one signature")
    url = f"{server.url}/v2/models/image"
    metadata = http.get(url, params={"signature_name": "logits"}).json()
    assert [row["name"] for row in metadata["outputs"]] == ["logits"]
    body = request("image", [1, 4, 4, 1], [0] * 16)
    body["parameters"] = {"signature_name": "logits"}
    answer = http.post(f"{url}/infer", json=body).json()
    assert [row["name"] for row in answer["outputs"]] == ["logits"]


def request(name, shape, data, datatype="FP32"):
    row = {"name": name, "shape": shape, "datatype": datatype, "data": data}
    return {"inputs": [row]}


def test_a_request_as_kserve_documents_it(server, http):
    body = {
        "id": "42",
        "inputs": [
            {"name": "a", "shape": [2, 2], "datatype": "FP32", "data": [1, 2, 3, 4]},
            {"name": "b", "shape": [2], "datatype": "INT32", "data": [5, 6]},
        ],
        "outputs": [{"name": "total"}],
    }
    answer = http.post(f"{server.url}/v2/models/pair/infer", json=body)
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json() == {
        "model_name": "pair",
        "model_version": "1",
        "id": "42",
        "outputs": [
            {"name": "total", "shape": [2], "datatype": "FP32", "data": [8.0, 13.0]}
        ],
    }


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v2/models/nothing", 404),
        ("GET", "/v2/models/image/versions/9", 404),
        ("GET", "/v2/models/image/versions/9/ready", 404),
        ("GET", "/v2/models/nothing/ready", 404),
        ("GET", "/v2/models/image?signature_name=q", 400),
        ("GET", "/v2/nothing", 404),
        ("GET", "/v2x", 404),
        ("POST", "/v2/models/nothing/infer", 404),
        ("POST", "/v2/models/image/infer", 400),
        ("POST", "/v2/repository/index", 400),
    ],
)
def test_errors_have_their_status_and_say_why(server, http, method, path, status):
    answer = http.request(method, server.url + path, data=b"[]")
    assert answer.status_code == status
    assert answer.json().keys() == {"error"}


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v2/models/image/infer", "POST"),
        ("DELETE", "/v2/models/image", "GET"),
        ("POST", "/v2/health/live", "GET"),
    ],
)
def test_other_methods_are_not_allowed(server, http, method, path, allowed):
    answer = http.request(method, server.url + path)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == allowed
    assert allowed in answer.json()["error"]


@pytest.mark.parametrize("length", ["-1", "1e2", "", "x", "9" * 50, "100000"])
def test_a_wrong_length_of_the_header_is_refused(server, http, length):
    url = f"{server.url}/v2/models/image/infer"
    answer = http.post(url, data=b"{}", headers={HEADER: length})
    assert answer.status_code == 400
    assert HEADER in answer.json()["error"]


def test_an_error_of_the_model_is_the_answer(server, http):
    url = f"{server.url}/v2/models/pair/infer"
    body = {
        "inputs": [
            request("a", [2, 2], [1] * 4)["inputs"][0],
            request("b", [3], [1] * 3, "INT32")["inputs"][0],
        ]
    }
    answer = http.post(url, json=body)
    assert answer.status_code in (400, 500)  # as the engine knows whose fault it is
    assert answer.json()["error"]


def test_large_json_is_read_and_written_in_another_process(server, http, monkeypatch):
    ran = []

    async def run(self, function, *arguments, **options):
        ran.append(function.__name__)
        return await original(self, function, *arguments, **options)

    original = BodyPool.run
    monkeypatch.setattr(BodyPool, "run", run)
    monkeypatch.setattr(open_inference_rest, "LARGE_JSON", 10)
    monkeypatch.setattr(open_inference_rest, "LARGE_VALUES", 1)
    url = f"{server.url}/v2/models/counter/infer"
    answer = http.post(url, json=request("counts", [1, 3], [1, 2, 3], "INT64"))
    assert answer.json()["outputs"][0]["data"] == [2, 4, 6]
    assert ran == ["decode_infer_request", "encode_infer_response"]
    answer = http.post(url, json=request("counts", [1, 3], [1, 2], "INT64"))
    assert answer.status_code == 400
    assert "takes 3 elements, its data has 2" in answer.json()["error"]


def malformed(generator):
    """A valid request with some of its parts replaced, or its bytes changed."""
    array = np.zeros((1, 4, 4, 1), np.float32)
    row = {"name": "image", "shape": [1, 4, 4, 1], "datatype": "FP32"}
    document = {"id": "1", "inputs": [row], "outputs": [{"name": "class_ids"}]}
    tail = b""
    if generator.random() < 0.5:
        tail = array.tobytes()
        row["parameters"] = {"binary_data_size": len(tail)}
    else:
        row["data"] = array.ravel().tolist()
    junk = [None, True, -1, 0, 1e300, 2**70, "", "x", [], [[]], {}, [None], [-1]]
    for _ in range(generator.randint(1, 3)):
        holders = [document, row, row.get("parameters"), document.get("outputs")]
        holder = generator.choice([each for each in holders if type(each) is dict])
        key = generator.choice([*holder, "inputs", "parameters", "data", "shape"])
        if generator.random() < 0.2:
            holder.pop(key, None)
        else:
            holder[key] = copy.deepcopy(generator.choice(junk))
    head = json.dumps(document).encode()
    length = len(head) if tail else None
    if generator.random() < 0.3:
        length = generator.choice([0, len(head) - 1, len(head) + 1, 10**9, None])
    body = bytearray(head + tail)
    if generator.random() < 0.3:
        for _ in range(generator.randint(1, 4)):
            body[generator.randrange(len(body))] = generator.randrange(256)
    if generator.random() < 0.2:
        del body[generator.randrange(len(body)) :]
    return bytes(body), {} if length is None else {HEADER: str(length)}


def fuzz(server, http, seeds):
    url = f"{server.url}/v2/models/image/infer"
    statuses = set()
    for seed in seeds:
        body, headers = malformed(random.Random(seed))
        answer = http.post(url, data=body, headers=headers)
        assert answer.status_code in (200, 400), f"seed {seed}: {answer.text[:300]}"
        statuses.add(answer.status_code)
        if answer.status_code == 400:
            assert answer.json().keys() == {"error"}, f"seed {seed}"
    good = http.post(url, json=request("image", [1, 4, 4, 1], [0] * 16))
    assert good.status_code == 200
    assert 400 in statuses


def test_malformed_requests_are_refused_and_the_server_lives(server, http):
    fuzz(server, http, range(200))


@pytest.mark.soak
def test_ten_thousand_malformed_requests(server, http):
    fuzz(server, http, range(10_000))
