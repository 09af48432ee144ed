"""The client, against the server and against what is none."""

import http.server
import json
import subprocess
import sys
import threading

import numpy as np
import pytest

import serving
from serving import Client, ServingError


@pytest.fixture
def client(server):
    with Client(server.url) as client:
        yield client


@pytest.fixture
def fake_server():
    """A server that answers every request with what the test sets."""

    class Handler(http.server.BaseHTTPRequestHandler):
        reply = (200, b"")

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            status, body = self.reply
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as fake:
        thread = threading.Thread(target=fake.serve_forever, args=[0.01])
        thread.start()
        fake.handler = Handler
        fake.url = f"http://127.0.0.1:{fake.server_port}"
        yield fake
        fake.shutdown()
        thread.join()


def test_two_outputs(client, predict_image):
    images = np.random.default_rng(2).normal(size=(5, 4, 4, 1)).astype(np.float32)
    outputs = client.predict("image", {"image": images})
    expected = predict_image(images)
    assert sorted(outputs) == ["class_ids", "probabilities"]
    assert outputs["probabilities"].dtype == np.float32
    assert outputs["class_ids"].dtype == np.int64
    np.testing.assert_allclose(
        outputs["probabilities"], expected["probabilities"], atol=1e-6
    )
    np.testing.assert_array_equal(outputs["class_ids"], expected["class_ids"])


def test_only_output_gets_its_name(client):
    outputs = client.predict("pair", {"a": [[1, 2]], "b": [3]}, version=1)
    assert {name: x.tolist() for name, x in outputs.items()} == {"total": [6.0]}


def test_name_with_signs_that_urls_use(tmp_path, write_scale_model):
    write_scale_model(tmp_path / "a:b c%41" / "1", 2)
    server = serving.Server(tmp_path, rest_api_port=0)
    with server, Client(server.url) as client:
        outputs = client.predict("a:b c%41", {"x": [3.0]})
    assert outputs["y"].tolist() == [6.0]


def test_a_proxy_does_not_come_between(server, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    with Client(server.url) as client:
        client.status("image")


def test_strings_and_bytes(client):
    outputs = client.predict("text", {"text": ["héllo", b"w\0"]})
    assert outputs["echo"].tolist() == ["héllo", "w\0"]
    assert outputs["raw_bytes"].tolist() == ["héllo".encode(), b"w\0"]


def test_status_and_metadata(client):
    (row,) = client.status("image", version=1)["model_version_status"]
    assert row["state"] == "AVAILABLE"
    assert client.metadata("image")["model_spec"]["version"] == "1"


@pytest.mark.parametrize(
    ("name", "inputs", "text"),
    [
        ("image", {"image": [[1.0]]}, r"400: Input 'image': expected shape .*metadata"),
        ("image", {"picture": [1.0]}, "400: Missing named input: image"),
        ("none", {"x": [1.0]}, r"404: Servable not found for request: Latest\(none\)"),
        ("pair", {"a": [[1], [2, 3]]}, "The inputs for pair are no arrays that JSON"),
        ("pair", {"a": [None]}, "The inputs for pair are no arrays that JSON"),
    ],
)
def test_refused_request(client, name, inputs, text):
    with pytest.raises(ServingError, match=text) as caught:
        client.predict(name, inputs)
    assert "\n" not in str(caught.value)


def test_unknown_signature_and_version(client):
    with pytest.raises(ServingError, match='"other" not found in signature def'):
        client.predict("pair", {"a": [[1, 2]], "b": [1]}, signature_name="other")
    with pytest.raises(ServingError, match="404: Could not find version 9 of model"):
        client.status("pair", version=9)


def test_nobody_listens():
    expected = pytest.raises(ServingError, match=r"No server answers at .*zoo serve")
    with Client("http://127.0.0.1:1") as client, expected:
        client.status("m")


def test_address_that_is_none():
    with Client("localhost:8501") as client, pytest.raises(ServingError):
        client.status("m")


@pytest.mark.parametrize(
    ("status", "body", "text"),
    [
        (200, b"<html>", "without a JSON object. Is this the REST port"),
        (200, b"[]", "without a JSON object"),
        (502, b"Bad gateway", "answered 502 without a JSON object"),
        (200, b"{}", "answered without outputs"),
        (200, b'{"outputs": {"y": [[1], 2]}}', "Output 'y' is no array"),
        (503, b'{"error": "busy"}', "answered 503: busy"),
    ],
)
def test_strange_answers(fake_server, status, body, text):
    fake_server.handler.reply = (status, body)
    with Client(fake_server.url) as client, pytest.raises(ServingError, match=text):
        client.predict("m", {"x": [1.0]})


def test_types_of_answers(fake_server):
    outputs = {
        "floats": [1.0, 2],
        "integers": [1, 2**62],
        "flags": [True],
        "words": ["a"],
        "nothing": [],
        "special": [float("nan")],
        "scalar": 3,
    }
    fake_server.handler.reply = (200, json.dumps({"outputs": outputs}).encode())
    with Client(fake_server.url) as client:
        arrays = client.predict("m", {"x": [1.0]})
    kinds = {name: str(array.dtype) for name, array in arrays.items()}
    assert kinds == {
        "floats": "float32",
        "integers": "int64",
        "flags": "bool",
        "words": "object",
        "nothing": "float32",
        "special": "float32",
        "scalar": "int64",
    }
    assert arrays["integers"].tolist() == [1, 2**62]
    assert arrays["scalar"].shape == ()


def test_client_imports_nothing_heavy():
    code = (
        "import sys, serving; serving.Client; serving.ServingError;"
        "heavy = {'tensorflow', 'keras', 'onnxruntime', 'onnx', 'aiohttp', 'grpc'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert output.strip() == "[]"


def test_public_names():
    assert {"Client", "Server", "ServingError", "serve"} <= set(serving.__all__)
    for name in serving.__all__:
        assert getattr(serving, name).__doc__
