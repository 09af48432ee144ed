"""Metrics and the access log have the requests of every protocol."""

import json
import logging
import socket
import threading

import grpc
import numpy as np
import pytest
import requests
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

import serving
from serving.protocol.messages import message
from serving.protocol.open_inference.messages import message as open_inference_message
from serving.protocol.tensor_proto import encode_tensor_proto
from serving.transport.monitoring import DEFAULT_PATH

PREDICT = "/tensorflow.serving.PredictionService/Predict"
INFER = "/inference.GRPCInferenceService/ModelInfer"
REFLECTION = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
STREAM = "/inference.GRPCInferenceService/ModelStreamInfer"


@pytest.fixture
def server(write_scale_model, tmp_path, caplog):
    caplog.set_level(logging.INFO, "serving.access")
    write_scale_model(tmp_path / "models" / "scale" / "3", 2.0)
    config = tmp_path / "monitoring.config"
    config.write_text("prometheus_config { enable: true }")
    with serving.Server(
        tmp_path / "models",
        rest_api_port=0,
        engine="onnx",
        access_log=True,
        enable_grpc_healthcheck_service=True,
        monitoring_config_file=config,
    ) as running:
        yield running


@pytest.fixture
def channel(server):
    with grpc.insecure_channel(server.grpc_address) as opened:
        yield opened


def page(server):
    """Returns the lines of the page of metrics."""
    return requests.get(server.url + DEFAULT_PATH, timeout=60).text.splitlines()


def counts(server):
    """Returns how many requests of the model ended with which code."""
    start = ':tensorflow:serving:request_count{model_name="scale",status="'
    lines = [line for line in page(server) if "request_count{" in line]
    assert all(line.startswith(start) for line in lines)
    pairs = [line.removeprefix(start).split('"} ') for line in lines]
    return {code: int(count) for code, count in pairs}


def stages(server, entrypoint):
    """Returns how many requests had each stage."""
    labels = f'model_name="scale",entrypoint="{entrypoint}",stage="'
    start = f":zoo:serving:stage_latency_count{{{labels}"
    lines = [line for line in page(server) if line.startswith(start)]
    pairs = [line.removeprefix(start).split('"} ') for line in lines]
    return {stage: int(count) for stage, count in pairs}


@pytest.fixture
def log(caplog, wait_until):
    """Returns so many rows of the access log, without those of the pages of metrics.

    A client has its answer before the row is written.
    """

    def rows():
        found = [json.loads(record.getMessage()) for record in caplog.records]
        return [row for row in found if row["path"] != DEFAULT_PATH]

    def wait(count):
        wait_until(lambda: len(rows()) >= count, f"{count} rows in the access log")
        for row in rows():
            assert row["microseconds"] > 0
            assert row["client"].startswith("127.0.0.1:")
        return rows()

    return wait


def predict_request(value, dtype="float32", version=None):
    request = message("tensorflow.serving.PredictRequest")()
    request.model_spec.name = "scale"
    if version is not None:
        request.model_spec.version.value = version
    encode_tensor_proto(np.array([value], dtype), request.inputs["x"])
    return request.SerializeToString()


def infer_request(value, datatype="FP32"):
    request = open_inference_message("ModelInferRequest")(model_name="scale")
    row = request.inputs.add(name="x", datatype=datatype, shape=[1])
    row.contents.fp32_contents.append(value)
    return request.SerializeToString()


def test_rest_of_both_protocols(server, log):
    row = {"name": "x", "shape": [1], "datatype": "FP32", "data": [1.0]}
    asked = [
        ("v1/models/scale:predict", {"inputs": [1.0]}, 200),
        ("v1/models/scale:predict", {"inputs": ["a"]}, 400),
        ("v1/models/scale/versions/9:predict", {"inputs": [1.0]}, 404),
        ("v1/models/none:predict", {"inputs": [1.0]}, 404),
        ("v2/models/scale/infer", {"inputs": [row]}, 200),
        ("v2/models/scale/infer", {"inputs": [row | {"datatype": "INT32"}]}, 400),
        ("v2/models/scale/versions/9/infer", {"inputs": [row]}, 404),
        ("v2/models/none/infer", {"inputs": [row]}, 404),
    ]
    for path, body, status in asked:
        answer = requests.post(f"{server.url}/{path}", json=body, timeout=60)
        assert answer.status_code == status
    expected = {"OK": 2, "INVALID_ARGUMENT": 2, "NOT_FOUND": 2}
    assert counts(server) == expected
    assert stages(server, "REST") == {"parse": 2, "inference": 2, "encode": 2}
    found = [(row["method"], row["path"], row["status"]) for row in log(len(asked))]
    assert found == [("POST", f"/{path}", status) for path, _, status in asked]


def test_nothing_is_counted_that_nobody_can_ask_for(
    write_scale_model, tmp_path, monkeypatch
):
    def count(*args):
        raise AssertionError("counted")

    monkeypatch.setattr("serving.metrics.Metrics.answered", count)
    monkeypatch.setattr("serving.metrics.Metrics.observe_stages", count)
    write_scale_model(tmp_path / "scale" / "1", 2.0)
    with serving.Server(tmp_path, rest_api_port=0, engine="onnx") as quiet:
        url = f"{quiet.url}/v1/models/scale:predict"
        for value, status in (([1.0], 200), (["a"], 400)):
            answer = requests.post(url, json={"inputs": value}, timeout=60)
            assert answer.status_code == status
        with grpc.insecure_channel(quiet.grpc_address) as channel:
            assert channel.unary_unary(PREDICT)(predict_request(1))


def test_head_is_logged_as_it_was_sent(server, log):
    requests.head(f"{server.url}/v1/models/scale", timeout=60)
    (row,) = log(1)
    assert (row["method"], row["bytes"]) == ("HEAD", 0)


def test_grpc(server, channel, log):
    asked = [
        (PREDICT, predict_request(1), "OK"),
        (PREDICT, predict_request(1, "int32"), "INVALID_ARGUMENT"),
        (PREDICT, predict_request(1, version=9), "NOT_FOUND"),
        (PREDICT, b"\xff", "INTERNAL"),
        (INFER, infer_request(1), "OK"),
        (INFER, infer_request(1, "INT32"), "INVALID_ARGUMENT"),
        ("/tensorflow.serving.ModelService/GetModelStatus", b"", "INVALID_ARGUMENT"),
    ]
    sizes = []
    for method, data, expected in asked:
        try:
            sizes.append(len(channel.unary_unary(method)(data)))
            code = "OK"
        except grpc.RpcError as error:
            sizes.append(0)
            code = error.code().name
        assert code == expected
    # What is no message, or no inference, is about no model.
    assert counts(server) == {"OK": 2, "INVALID_ARGUMENT": 2, "NOT_FOUND": 1}
    assert stages(server, "GRPC") == {"parse": 2, "inference": 2, "encode": 2}
    rows = log(len(asked))
    assert [row["grpc_status"] for row in rows] == [code for _, _, code in asked]
    assert [row["path"] for row in rows] == [method for method, _, _ in asked]
    assert [row["bytes"] for row in rows] == sizes
    assert {(row["method"], row["status"]) for row in rows} == {("POST", 200)}


def test_calls_of_no_model(server, channel, log):
    health = health_pb2_grpc.HealthStub(channel)
    assert health.Check(health_pb2.HealthCheckRequest()).status == 1
    with pytest.raises(grpc.RpcError):
        health.Check(health_pb2.HealthCheckRequest(service="none"))
    watch = health.Watch(health_pb2.HealthCheckRequest())
    next(watch)
    watch.cancel()
    log(3)
    names = ProtoReflectionDescriptorDatabase(channel).get_services()
    assert "grpc.health.v1.Health" in names
    log(4)
    for call in (channel.unary_unary("/none.A/B"), channel.unary_unary("/none")):
        with pytest.raises(grpc.RpcError) as caught:
            call(b"")
        assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
    rows = log(6)
    # Whether its client ends or cancels its stream is a matter of time.
    ended = rows[3]["grpc_status"]
    assert ended in ("OK", "CANCELLED")
    assert [(row["path"], row["grpc_status"]) for row in rows] == [
        ("/grpc.health.v1.Health/Check", "OK"),
        ("/grpc.health.v1.Health/Check", "NOT_FOUND"),
        ("/grpc.health.v1.Health/Watch", "CANCELLED"),
        (REFLECTION, ended),
        ("/none.A/B", "UNIMPLEMENTED"),
        ("/none", "UNIMPLEMENTED"),
    ]
    sizes = [row["bytes"] for row in rows]
    assert sizes[:3] + sizes[4:] == [2, 0, 2, 0, 0]
    assert sizes[3] > 100
    # As TensorFlow Serving, whose metrics are about models.
    assert counts(server) == {}


@pytest.mark.parametrize(
    ("data", "status", "method", "path"),
    [
        (
            b"POST /v1/models/scale:predict HTTP/1.1\r\nHost: none.example\r\n\r\n",
            403,
            "POST",
            "/v1/models/scale:predict",
        ),
        (b"HEAD /healthz?a HTTP/1.1\r\n\r\n", 400, "HEAD", "/healthz"),
        (
            b"PUT /v1/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n",
            413,
            "PUT",
            "/v1/",
        ),
        (b"GET http://[/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, "GET", "/"),
        (b"nonsense\r\n\r\n", 400, "", ""),
    ],
)
def test_what_is_refused_before_it_is_read(server, log, data, status, method, path):
    host, _, port = server.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=60) as client:
        client.sendall(data)
        answer = client.makefile("rb").read()
    (row,) = log(1)
    assert (row["status"], row["method"], row["path"]) == (status, method, path)
    assert int(answer.split()[1]) == status
    assert answer.endswith(b"}") == (method != "HEAD")
    assert counts(server) == {}


def test_a_stream(server, channel, log):
    messages = iter([infer_request(1), infer_request(1, "INT32"), infer_request(2)])
    answers = list(channel.stream_stream(STREAM)(messages))
    assert counts(server) == {"OK": 2, "INVALID_ARGUMENT": 1}
    (row,) = log(1)
    assert row["path"] == STREAM
    assert row["grpc_status"] == "OK"
    assert row["bytes"] == sum(map(len, answers))


def test_who_leaves_is_cancelled(server, channel, log, monkeypatch, wait_until):
    begun, leave = threading.Semaphore(0), threading.Event()

    def run(*args):
        begun.release()
        leave.wait(60)
        return {"y": np.float32([1])}

    monkeypatch.setattr("serving.engines.onnx.OnnxEngine.predict", run)
    monkeypatch.setattr(
        "serving.models.profile.Profile.inline_seconds", lambda *_: None
    )
    pending = channel.unary_unary(PREDICT).future(predict_request(1))
    assert begun.acquire(timeout=60)
    pending.cancel()
    log(1)
    host, _, port = server.url.removeprefix("http://").partition(":")
    body = b'{"inputs": [1.0]}'
    with socket.create_connection((host, int(port))) as client:
        client.sendall(
            b"POST /v1/models/scale:predict HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
        )
        assert begun.acquire(timeout=60)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    left = ":zoo:serving:http:open_connections{} 1"  # That which asks.
    wait_until(lambda: left in page(server), "the server knows that the client left")
    leave.set()
    over_grpc, over_http = log(2)
    assert over_grpc["grpc_status"] == "CANCELLED"
    assert over_http["status"] == 499
    assert counts(server) == {"CANCELLED": 2}


def test_streams_that_are_left_while_they_answer(server, log):
    # grpc frees such a call before its stream is closed.
    request = reflection_pb2.ServerReflectionRequest(list_services="")
    for _ in range(200):
        with grpc.insecure_channel(server.grpc_address) as channel:
            requests = iter([request.SerializeToString()] * 20)
            call = channel.stream_stream(REFLECTION)(requests)
            next(call)
            call.cancel()
    rows = log(200)
    assert all(row["client"].startswith("127.0.0.1:") for row in rows)
    assert {row["grpc_status"] for row in rows} <= {"OK", "CANCELLED"}
