"""The cases of TensorFlow Serving's `http_rest_api_handler_test.cc`."""

import gc
import json

import pytest
import requests

import serving
from serving.models.scheduler import Inference
from tests.serving import half_plus_two

MODEL, VERSION = "half_plus_two", 123
CONFIG = """
model_config_list {{
  config {{
    name: "{name}" base_path: "{path}" model_platform: "tensorflow"
    version_labels {{ key: "stable" value: {version} }}
  }}
}}
"""


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    half_plus_two.save_tensorflow_2(folder / MODEL / f"{VERSION}")
    config = folder / "models.config"
    config.write_text(CONFIG.format(name=MODEL, path=folder / MODEL, version=VERSION))
    options = {"model_config_file": config, "rest_api_port": 0, "engine": "tensorflow"}
    options["allow_version_labels_for_unavailable_models"] = True
    with serving.Server(**options) as server:
        yield f"{server.url}/v1/models"


def one(version):
    return f"/{MODEL}/versions/{version}"


CLASSIFY = {"signature_name": "classify_x_to_y", "examples": [{"x": 20.0}]}
REGRESS = {"signature_name": "regress_x_to_y", "examples": [{"x": 80.0}]}
ANSWERS = [
    (f"/{MODEL}:predict", {"instances": [1.0, 2.0]}, {"predictions": [2.5, 3.0]}),
    (
        f"/{MODEL}:predict",
        {"instances": [1.0, 2.0, 5.0]},
        {"predictions": [2.5, 3, 4.5]},
    ),
    (
        f"/{MODEL}:predict",
        {"instances": [[1.0, 2.0], [3.0, 4.0]]},
        {"predictions": [[2.5, 3.0], [3.5, 4.0]]},
    ),
    (f"{one(VERSION)}:predict", {"instances": [1.0, 2]}, {"predictions": [2.5, 3.0]}),
    (f"/{MODEL}/labels/stable:predict", {"inputs": [3.0]}, {"outputs": [3.5]}),
    (
        f"{one(VERSION)}:predict",
        {"signature_name": "serving_default", "inputs": [3.0, 4.0]},
        {"outputs": [3.5, 4.0]},
    ),
    (f"/{MODEL}:regress", REGRESS, {"results": [42.0]}),
    (f"{one(VERSION)}:regress", REGRESS, {"results": [42.0]}),
    (f"/{MODEL}:classify", CLASSIFY, {"results": [[["", 12.0]]]}),
    (f"{one(VERSION)}:Classify", CLASSIFY, {"results": [[["", 12.0]]]}),
    (
        f"/{MODEL}:regress",
        {
            "signature_name": "regress_x_to_y",
            "context": {"x": [4.0]},
            "examples": [{"x": 2.0}, {}],
        },
        {"results": [3.0, 4.0]},
    ),
]


@pytest.mark.parametrize(("path", "document", "answer"), ANSWERS)
def test_answer(url, path, document, answer):
    reply = requests.post(url + path, json=document, timeout=60)
    assert reply.json() == answer
    assert reply.headers["Content-Type"] == "application/json"


MALFORMED = "Malformed request"
HUGE = 2**64 - 1
ERRORS = [
    ("GET", "/foo/version/50:predict", b"", 400, MALFORMED),
    ("POST", "/foo/version/50:regress", b"", 400, MALFORMED),
    ("POST", "/foo/versions/HELLO:regress", b"", 400, MALFORMED),
    ("POST", f"/foo/versions/{HUGE}:regress", b"", 400, "Failed to convert version"),
    ("GET", "/foo:predict", b"", 400, MALFORMED),
    ("GET", "", b"", 400, "Missing model name"),
    ("POST", "", b"", 400, MALFORMED),
    ("POST", "/foo:predict", {"instances": [1]}, 404, "Servable not found"),
    ("POST", "/foo/versions/50:predict", {"instances": [1]}, 404, "not found"),
    ("POST", f"{one(99)}:predict", {"instances": [1]}, 404, "Servable not found"),
    ("POST", f"/{MODEL}/labels/none:predict", {"inputs": [1]}, 400, "version label"),
    ("GET", f"/{MODEL}/labels/none", b"", 400, "version label"),
    ("POST", f"/{MODEL}:predict", b"", 400, "The document is empty"),
    ("POST", f"/{MODEL}:predict", b"instances = [1, 2]", 400, "Invalid value"),
    ("POST", f"/{MODEL}:regress", {"examples": [{"x": 1.0}]}, 400, ""),
    ("POST", f"/{MODEL}:classify", {"examples": {"x": 1.0}}, 400, "list/array"),
    ("POST", f"/{MODEL}:classify", {"inputs": 1}, 400, "key 'examples' is expected"),
    ("POST", f"/{MODEL}:regress", {**REGRESS, "examples": []}, 400, "empty array"),
    ("DELETE", f"/{MODEL}", b"", 400, MALFORMED),
]


@pytest.mark.parametrize(("method", "path", "document", "status", "text"), ERRORS)
def test_error(url, method, path, document, status, text):
    body = document if type(document) is bytes else json.dumps(document)
    reply = requests.request(method, url + path, data=body, timeout=60)
    assert reply.status_code == status, reply.text
    assert text in reply.json()["error"]
    assert list(reply.json()) == ["error"]


@pytest.mark.parametrize("path", ["", f"/versions/{VERSION}", "/labels/stable"])
def test_status(url, path):
    reply = requests.get(f"{url}/{MODEL}{path}", timeout=60)
    row = {"version": "123", "state": "AVAILABLE"}
    row["status"] = {"error_code": "OK", "error_message": ""}
    assert reply.json() == {"model_version_status": [row]}


@pytest.mark.parametrize("path", ["", f"/versions/{VERSION}", "/labels/stable"])
def test_metadata_is_what_protobuf_prints(url, path):
    """With all fields that have no presence, as TensorFlow Serving prints it."""
    from google.protobuf import json_format
    from tensorflow_serving.apis import get_model_metadata_pb2

    document = requests.get(f"{url}/{MODEL}{path}/metadata", timeout=60).json()
    assert document["model_spec"] == {
        "name": MODEL,
        "signature_name": "",
        "version": f"{VERSION}",
    }
    printed = document["metadata"]["signature_def"]
    parsed = json_format.ParseDict(printed, get_model_metadata_pb2.SignatureDefMap())
    assert printed == json_format.MessageToDict(
        parsed,
        preserving_proto_field_name=True,
        always_print_fields_with_no_presence=True,
    )
    assert printed["signature_def"]["serving_default"]["defaults"] == {}


@pytest.mark.slow
def test_an_answered_request_is_freed_without_the_garbage_collector(url):
    document = {"instances": [1.0]}
    gc.collect()
    gc.disable()
    try:
        for _ in range(20):
            assert requests.post(f"{url}/{MODEL}:predict", json=document, timeout=60).ok
        alive = [each for each in gc.get_objects() if isinstance(each, Inference)]
    finally:
        gc.enable()
    assert len(alive) < 10  # Threads of this and other tests may hold some.
