"""Clients that leave take along what waits for them; all transports share a limit."""

import os
import socket
import struct
import threading

import grpc
import numpy as np
import pytest

import serving
from serving.engines import Traits
from serving.engines.onnx import OnnxEngine
from serving.protocol.messages import message
from serving.protocol.tensor_proto import encode_tensor_proto
from serving.transport import http_connection
from serving.transport.monitoring import DEFAULT_PATH

PENDING = ":zoo:serving:pending_bytes{}"
QUEUE = ':zoo:serving:queue_length{model_name="scale"}'
PATHS = {
    "/v1/models/scale:predict": '{"inputs": [%d%s]}',
    "/v2/models/scale/infer": '{"inputs": [{"name": "x", "datatype": "FP32", '
    '"shape": [1], "data": [%d]%s}]}',
}


@pytest.fixture
def gate(monkeypatch):
    """Holds up every inference until it is set; `gate.asked` has their inputs."""
    predict, gate = OnnxEngine.predict, threading.Event()
    gate.asked = []

    def gated(engine, signature_name, inputs):
        if inputs["x"][0] >= 7:  # and no warm-up
            gate.asked.append(int(inputs["x"][0]))
            gate.wait(60)
        return predict(engine, signature_name, inputs)

    monkeypatch.setattr(OnnxEngine, "predict", gated)
    monkeypatch.setattr(OnnxEngine, "traits", lambda engine, name: Traits())
    monkeypatch.setattr(http_connection, "HALF_CLOSED_SECONDS", 0.05)

    yield gate
    gate.set()


@pytest.fixture
def start(tmp_path, write_scale_model, http):
    """Starts a server whose `metric(line)` is a value of its Prometheus page."""
    write_scale_model(tmp_path / "models" / "scale" / "1", 2)
    config = tmp_path / "monitoring.config"
    config.write_text("prometheus_config { enable: true }")
    servers = []

    def start(**options):
        server = serving.Server(
            tmp_path / "models",
            rest_api_port=0,
            monitoring_config_file=config,
            **options,
        )
        server.start()
        servers.append(server)

        def metric(name):
            for line in http.get(server.url + DEFAULT_PATH).text.splitlines():
                if line.startswith(name + " "):
                    return float(line.rpartition(" ")[2])
            return 0.0

        server.metric = metric
        return server

    yield start
    for server in servers:
        server.stop()


def connect(server):
    host, port = server.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=60)


def post(client, path, body):
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}"
    client.sendall(f"{head}\r\n\r\n{body}".encode())


def reset(client):
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def fill_the_threads(server, gate, wait_until, path):
    """Returns connections whose inferences occupy every thread of the model."""
    clients = [connect(server) for _ in range(os.cpu_count() or 1)]
    for client in clients:
        post(client, path, PATHS[path] % (7, ""))
    wait_until(lambda: len(gate.asked) == len(clients), "all threads compute")
    return clients


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("leave", [reset, socket.socket.close], ids=["reset", "close"])
def test_what_waits_for_a_client_that_left_never_runs(
    start, gate, wait_until, path, leave
):
    server = start()
    idle = server.metric(PENDING)
    busy = fill_the_threads(server, gate, wait_until, path)
    waiting = [connect(server) for _ in range(5)]
    for client in waiting:
        post(client, path, PATHS[path] % (9, ""))
    wait_until(lambda: server.metric(QUEUE) == 5, "five wait")
    for client in waiting:
        leave(client)
    wait_until(lambda: server.metric(QUEUE) == 0, "nothing waits")
    gate.set()
    for client in busy:
        assert client.recv(2**16).startswith(b"HTTP/1.1 200")
        client.close()
    wait_until(lambda: server.metric(PENDING) <= idle, "nothing is held")
    assert 9 not in gate.asked


def test_a_cancelled_call_of_grpc_never_runs(start, gate, wait_until):
    server = start()
    busy = fill_the_threads(server, gate, wait_until, "/v1/models/scale:predict")
    request = message("tensorflow.serving.PredictRequest")()
    request.model_spec.name = "scale"
    encode_tensor_proto(np.float32([9]), request.inputs["x"])
    with grpc.insecure_channel(server.grpc_address) as channel:
        predict = channel.unary_unary("/tensorflow.serving.PredictionService/Predict")
        calls = [predict.future(request.SerializeToString()) for _ in range(5)]
        wait_until(lambda: server.metric(QUEUE) == 5, "five wait")
        for call in calls:
            call.cancel()
        wait_until(lambda: server.metric(QUEUE) == 0, "nothing waits")
    gate.set()
    for client in busy:
        client.recv(2**16)
        client.close()
    assert 9 not in gate.asked


def test_a_body_counts_as_long_as_somebody_works_on_it(start, gate, wait_until):
    path, size = "/v1/models/scale:predict", 50_000
    server = start(max_pending_bytes=400_000)
    clients = fill_the_threads(server, gate, wait_until, path)
    for client in clients:
        reset(client)
    large = [connect(server) for _ in range(os.cpu_count() or 1)]
    gate.set()
    wait_until(lambda: server.metric(PENDING) < 5000, "the threads are free")
    gate.clear()
    for client in large:
        post(client, path, PATHS[path] % (8, " " * size))
    wait_until(lambda: gate.asked.count(8) == len(large), "all threads compute")
    for client in large:
        reset(client)
    with connect(server) as other:  # Its answer comes after those were noticed.
        post(other, "/v1/models/none:predict", "{}")
        assert b" 404 " in other.recv(2**16)
    assert server.metric(PENDING) > len(large) * size
    gate.set()
    wait_until(lambda: server.metric(PENDING) < 5000, "nothing is held")


def test_http_and_grpc_have_one_limit(start, gate, wait_until):
    server = start(max_pending_bytes=150_000)
    with connect(server) as client:
        head = b"POST /v1/models/scale:predict HTTP/1.1\r\nHost: localhost\r\n"
        client.sendall(head + b"Content-Length: 120001\r\n\r\n" + b" " * 120_000)
        wait_until(lambda: server.metric(PENDING) > 120_000, "the body has arrived")
        with grpc.insecure_channel(server.grpc_address) as channel:
            for service in (
                "tensorflow.serving.PredictionService/Predict",
                "inference.GRPCInferenceService/ModelInfer",
            ):
                with pytest.raises(grpc.RpcError) as caught:
                    channel.unary_unary(f"/{service}")(bytes(40_000), timeout=60)
                assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
                assert "are waiting already" in caught.value.details()
