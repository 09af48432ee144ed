"""What clients of TensorFlow Serving send besides what its documents show."""

import gzip
import json
import socket
import threading

import grpc
import numpy as np
import pytest

import serving
from serving.protocol.tensor_proto import encode_tensor_proto
from tests.serving.test_grpc import Stub, open_channel, request

TIMEOUT = 20
PATH = "/v1/models/scale:predict"
BODY = b'{"inputs": [1.0]}'
ANSWER = {"outputs": [2.0]}
NAMES = ["scale", "a b%", "ü", "a:b"]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    from tests.serving.rows import write_onnx

    base = tmp_path_factory.mktemp("models")
    for name in NAMES:
        (base / name / "1").mkdir(parents=True)
        write_onnx(base / name / "1", 2.0)
    with serving.Server(base, rest_api_port=0, engine="onnx") as running:
        yield running


@pytest.fixture(scope="module")
def stub(server):
    with open_channel(server.grpc_address) as channel:
        yield Stub(channel)


class Client:
    """A connection whose requests are written by hand."""

    def __init__(self, server):
        host, _, port = server.url.removeprefix("http://").partition(":")
        self.socket = socket.create_connection((host, int(port)), timeout=TIMEOUT)
        self.file = self.socket.makefile("rb")

    def ask(self, body=BODY, *headers, path=PATH, method="POST", version="1.1"):
        """Returns status, headers and body."""
        lines = [f"{method} {path} HTTP/{version}", "Host: localhost", *headers]
        if not any(line.startswith("Transfer-Encoding") for line in headers):
            lines.append(f"Content-Length: {len(body)}")
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        status = int(self.file.readline().split()[1])
        found = {}
        while line := self.file.readline().strip():
            name, _, value = line.decode().partition(": ")
            found[name.lower()] = value
        return status, found, self.file.read(int(found["content-length"]))

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.file.close()
        self.socket.close()


@pytest.fixture
def client(server):
    with Client(server) as opened:
        yield opened


def test_a_connection_goes_on_after_an_error(client):
    for _ in range(2):
        assert client.ask(b"nonsense")[0] == 400
        assert client.ask(path="/v1/models/none:predict")[0] == 404
        status, headers, body = client.ask()
        assert (status, json.loads(body)) == (200, ANSWER)
        assert "connection" not in headers


def test_chunks_of_a_compressed_body(client):
    data = gzip.compress(BODY)
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in data) + b"0\r\n\r\n"
    headers = ["Content-Encoding: gzip", "Transfer-Encoding: chunked"]
    status, _, body = client.ask(chunks, *headers)
    assert (status, json.loads(body)) == (200, ANSWER)


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "GZIP", "identity"])
def test_names_of_encodings(client, encoding):
    body = BODY if encoding == "identity" else gzip.compress(BODY)
    status, _, body = client.ask(body, f"Content-Encoding: {encoding}")
    assert (status, json.loads(body)) == (200, ANSWER)


def test_a_body_that_was_compressed_in_parts(client):
    half = len(BODY) // 2
    parts = [gzip.compress(part) for part in (BODY[:half], b"", BODY[half:])]
    status, _, body = client.ask(b"".join(parts), "Content-Encoding: gzip")
    assert (status, json.loads(body)) == (200, ANSWER)
    for wrong, reason in (
        (parts[0] + b"rest", "is not gzip"),
        (parts[0] + parts[2][:-1], "ends too early"),
        (parts[1] * 101, "more than 100 members"),
    ):
        status, _, body = client.ask(wrong, "Content-Encoding: gzip")
        assert status == 400
        assert reason in json.loads(body)["error"]


@pytest.mark.parametrize("accept", ["gzip;q=0", "identity", "*;q=0", "gzip; q=0.000"])
def test_who_refuses_gzip_gets_none(client, accept):
    body = json.dumps({"inputs": [1.0] * 2000}).encode()
    status, headers, body = client.ask(body, f"Accept-Encoding: {accept}")
    assert status == 200
    assert "content-encoding" not in headers
    assert len(json.loads(body)["outputs"]) == 2000


def test_a_file_that_a_shell_has_written(client):
    assert client.ask(BODY + b"\r\n\n ")[0] == 200
    assert client.ask("\ufeff".encode() + BODY)[0] == 200
    # RapidJSON takes the end of a string of C for that of the document.
    assert client.ask(BODY + b"\0")[0] == 200
    for wrong in (BODY + b"\0x", BODY.decode().encode("utf-16")):
        assert client.ask(wrong)[0] == 400


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("a%20b%25", 200),
        ("%C3%BC", 200),
        ("a%3Ab", 200),
        ("%73cale", 200),
        ("a+b%25", 404),  # A plus sign is a space in a query only.
        ("scale%2Fversions%2F1", 404),
        ("a%2520b%2525", 404),
    ],
)
def test_names_in_a_path_are_decoded_once(client, name, status):
    assert client.ask(path=f"/v1/models/{name}:predict")[0] == status
    assert client.ask(b"", method="GET", path=f"/v1/models/{name}")[0] == status


def test_a_colon_that_is_encoded_separates_no_method(client):
    assert client.ask(path="/v1/models/scale%3Apredict")[0] == 400


def test_an_offer_of_another_protocol_is_not_taken(client):
    offer = ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c"]
    offer.append("HTTP2-Settings: AAMAAABkAAQAAP__")
    for _ in range(2):
        status, headers, _ = client.ask(b"", *offer, method="GET", path="/healthz")
        assert status == 200
        assert "connection" not in headers
        # As a Java client does with each request, unless it is configured otherwise.
        status, _, body = client.ask(BODY, *offer)
        assert (status, json.loads(body)) == (200, ANSWER)


def predict(name="scale", **choice):
    made = request("Predict")
    made.model_spec.name = name
    for field, value in choice.items():
        if field == "version":
            made.model_spec.version.value = value
        else:
            setattr(made.model_spec, field, value)
    encode_tensor_proto(np.float32([1]), made.inputs["x"])
    return made


def ended(call, *arguments):
    with pytest.raises(grpc.RpcError) as caught:
        call(*arguments, timeout=TIMEOUT)
    return caught.value.code().name, caught.value.details()


def test_versions_in_a_model_spec(stub):
    # A version that is there, with its default value, is a version and not the latest.
    for version in (0, -1, 2**63 - 1):
        assert ended(stub.Predict, predict(version=version)) == (
            "NOT_FOUND",
            f"Servable not found for request: Specific(scale, {version})",
        )
    # The two exclude each other in the message: what was set last counts.
    both = predict(version=1, version_label="none")
    assert ended(stub.Predict, both)[1] == "Unrecognized servable version label: none"
    both = predict(version_label="none", version=1)
    answer = stub.Predict(both, timeout=TIMEOUT)
    assert answer.model_spec.version.value == 1


def test_values_of_another_type_do_not_count(stub):
    made = predict()
    tensor = made.inputs["x"]
    tensor.Clear()
    tensor.dtype = 1
    tensor.tensor_shape.dim.add(size=2)
    tensor.double_val.append(7)
    assert stub.Predict(made, timeout=TIMEOUT).outputs["y"].float_val == [0, 0]
    tensor.float_val.extend([1, 2, 3])  # and what the shape has no place for
    assert stub.Predict(made, timeout=TIMEOUT).outputs["y"].float_val == [2, 4]
    tensor.tensor_content = b"\0" * 7
    code, details = ended(stub.Predict, made)
    assert code == "INVALID_ARGUMENT"
    assert "tensor parsing error: x" in details


def test_a_model_is_dropped_while_it_computes(
    write_scale_model, wait_until, tmp_path, monkeypatch
):
    from serving.engines.onnx import OnnxEngine

    for name in ("kept", "dropped"):
        write_scale_model(tmp_path / name / "1", 2.0)
    config = tmp_path / "models.config"
    row = 'config {{ name: "{0}" base_path: "{1}/{0}" model_platform: "tensorflow" }}'
    rows = [row.format(name, tmp_path) for name in ("kept", "dropped")]
    config.write_text(f"model_config_list {{ {' '.join(rows)} }}")
    begun, go_on = threading.Event(), threading.Event()
    compute = OnnxEngine.predict

    def wait(self, *arguments):
        begun.set()
        assert go_on.wait(60)
        return compute(self, *arguments)

    with (
        serving.Server(
            model_config_file=config, rest_api_port=0, engine="onnx"
        ) as server,
        open_channel(server.grpc_address) as channel,
        Client(server) as client,
    ):
        stub = Stub(channel)
        in_threads = "serving.models.profile.Profile.inline_seconds"
        monkeypatch.setattr(in_threads, lambda *_: None)
        monkeypatch.setattr(OnnxEngine, "predict", wait)
        running = stub.Predict.future(predict("dropped"), timeout=TIMEOUT)
        assert begun.wait(60)
        reload = request("HandleReloadConfigRequest")
        kept = reload.config.model_config_list.config.add(name="kept")
        kept.base_path, kept.model_platform = str(tmp_path / "kept"), "tensorflow"
        stub.HandleReloadConfigRequest(reload, timeout=TIMEOUT)
        # No new request finds it, and the one that it has is answered.
        assert ended(stub.Predict, predict("dropped"))[0] == "NOT_FOUND"
        assert client.ask(path="/v1/models/dropped:predict")[0] == 404
        go_on.set()
        assert running.result().outputs["y"].float_val == [2.0]
        assert client.ask(path="/v1/models/kept:predict")[0] == 200

        def has_ended():
            _, _, body = client.ask(b"", method="GET", path="/v1/models/dropped")
            (row,) = json.loads(body)["model_version_status"]
            return row["state"] == "END"

        wait_until(has_ended, "the model is unloaded")
