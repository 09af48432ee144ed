"""A span for each request of every protocol, by OpenTelemetry's conventions."""

import subprocess
import sys

import grpc
import numpy as np
import pytest
import requests
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

import serving
from serving import tracing
from serving.protocol.messages import message
from serving.protocol.open_inference.messages import message as open_inference_message
from serving.protocol.tensor_proto import encode_tensor_proto
from serving.transport import worker

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
TRACEPARENT = f"00-{TRACE}-{PARENT}-01"
STAGES = ["parse", "inference", "encode"]
PREDICT = "tensorflow.serving.PredictionService/Predict"
INFER = "inference.GRPCInferenceService/ModelInfer"
STREAM = "inference.GRPCInferenceService/ModelStreamInfer"


@pytest.fixture
def exporter(monkeypatch):
    exporter = InMemorySpanExporter()
    make = lambda: tracing.Tracer(exporter)  # noqa: E731
    monkeypatch.setattr(worker, "tracer_from_environment", make)
    return exporter


@pytest.fixture
def server(exporter, write_scale_model, tmp_path):
    write_scale_model(tmp_path / "scale" / "3", 2.0)
    with serving.Server(tmp_path, rest_api_port=0, engine="onnx") as running:
        yield running


def spans_of(exporter, server):
    """Returns the spans of requests, and of each the names of its children."""
    server.stop()
    spans = exporter.get_finished_spans()
    requested = [span for span in spans if span.kind is SpanKind.SERVER]
    requested.sort(key=lambda span: span.start_time)
    children = [
        [each for each in spans if each.parent.span_id == span.context.span_id]
        for span in requested
    ]
    for span, parts in zip(requested, children, strict=True):
        assert format(span.context.trace_id, "032x") == TRACE
        assert format(span.parent.span_id, "016x") == PARENT
        assert all(each.context.trace_id == span.context.trace_id for each in parts)
    return requested, children


def check_stages(span, children):
    assert [each.name for each in children] == STAGES
    parse, inference, encode = children
    assert parse.start_time == span.start_time
    assert parse.end_time == inference.start_time
    assert inference.end_time == encode.start_time
    assert encode.end_time == span.end_time


@pytest.mark.parametrize(
    ("path", "route", "body"),
    [
        (
            "/v1/models/scale:predict",
            "/v1/models/{model}:predict",
            lambda value: {"inputs": value},
        ),
        (
            "/v2/models/scale/versions/3/infer",
            "/v2/models/{model}/versions/{version}/infer",
            lambda value: {
                "inputs": [
                    {"name": "x", "shape": [1], "datatype": "FP32", "data": value}
                ]
            },
        ),
    ],
    ids=["v1", "v2"],
)
def test_http(exporter, server, path, route, body):
    headers = {"traceparent": TRACEPARENT, "User-Agent": "tester"}
    for value in ([1.0], ["wrong"]):
        answer = requests.post(
            f"{server.url}{path}?q=1", json=body(value), headers=headers, timeout=60
        )
    assert answer.status_code == 400
    port = int(server.url.rpartition(":")[2])
    (good, bad), (stages, others) = spans_of(exporter, server)
    check_stages(good, stages)
    assert [each.name for each in others] == ["parse"]
    for span, status in ((good, 200), (bad, 400)):
        attributes = dict(span.attributes)
        assert attributes.pop("network.peer.port") > 0
        assert attributes == {
            "http.request.method": "POST",
            "http.response.status_code": status,
            "http.route": route,
            "url.path": path,
            "url.query": "q=1",
            "url.scheme": "http",
            "user_agent.original": "tester",
            "client.address": "127.0.0.1",
            "network.peer.address": "127.0.0.1",
            "server.address": "127.0.0.1",
            "server.port": port,
            "model.name": "scale",
            "model.version": 3,
        }
        assert span.name == f"POST {route}"
        # What is the client's fault is no error of a server.
        assert span.status.status_code is StatusCode.UNSET


def test_http_that_is_no_inference(exporter, server):
    headers = {"traceparent": TRACEPARENT}
    asked = [
        ("HEAD", "/v1/models/scale/labels/none", "/v1/models/{model}/labels/{label}"),
        ("GET", "/v2/models/scale/ready", "/v2/models/{model}/ready"),
        ("GET", "/healthz", "/healthz"),
        ("GET", "/openapi.json", "/openapi.json"),
        ("GET", "/none", None),
        ("POST", "/v1/models/none:predict", "/v1/models/{model}:predict"),
        ("PROPFIND", "/healthz", "/healthz"),
    ]
    for method, path, _ in asked:
        requests.request(method, server.url + path, headers=headers, timeout=60)
    spans, children = spans_of(exporter, server)
    names = [[each.name for each in parts] for parts in children]
    assert names == [[], [], [], [], [], ["parse"], []]
    for span, (method, path, route) in zip(spans, asked, strict=True):
        assert span.attributes["url.path"] == path
        assert span.attributes.get("http.route") == route
        known = "HTTP" if method == "PROPFIND" else method
        assert span.name == (f"{known} {route}" if route else known)
    assert spans[-1].attributes["http.request.method"] == "_OTHER"
    assert spans[-1].attributes["http.request.method_original"] == "PROPFIND"
    assert spans[5].attributes["http.response.status_code"] == 404
    assert "model.version" not in spans[5].attributes


def test_an_error_of_the_server(exporter, server, monkeypatch):
    def fail(*args):
        raise RuntimeError("secret")

    monkeypatch.setattr("serving.engines.onnx.OnnxEngine.predict", fail)
    url = f"{server.url}/v1/models/scale:predict"
    headers = {"traceparent": TRACEPARENT}
    requests.post(url, json={"inputs": [1.0]}, headers=headers, timeout=60)
    with grpc.insecure_channel(server.grpc_address) as channel:
        call(channel, PREDICT, predict_request([1.0]))
    (http, rpc), _ = spans_of(exporter, server)
    for span in (http, rpc):
        assert span.status.status_code is StatusCode.ERROR
        assert span.status.description is None
    assert http.attributes["error.type"] == "500"
    assert rpc.attributes["error.type"] == "INTERNAL"


def predict_request(values, dtype="float32"):
    request = message("tensorflow.serving.PredictRequest")()
    request.model_spec.name = "scale"
    encode_tensor_proto(np.array(values, dtype), request.inputs["x"])
    return request.SerializeToString()


def infer_request(values, datatype="FP32"):
    request = open_inference_message("ModelInferRequest")(model_name="scale")
    row = request.inputs.add(name="x", datatype=datatype, shape=[len(values)])
    row.contents.fp32_contents.extend(values)
    return request.SerializeToString()


def call(channel, method, data):
    try:
        channel.unary_unary(f"/{method}")(
            data, metadata=[("traceparent", TRACEPARENT), ("x-bin", b"\xff")]
        )
    except grpc.RpcError as error:
        return error.code()
    return grpc.StatusCode.OK


@pytest.mark.parametrize(
    ("method", "good", "bad"),
    [
        (PREDICT, predict_request([1.0]), predict_request([1], "int32")),
        (INFER, infer_request([1.0]), infer_request([1.0], "INT32")),
    ],
    ids=["TensorFlow Serving", "v2"],
)
def test_grpc(exporter, server, method, good, bad):
    with grpc.insecure_channel(server.grpc_address) as channel:
        assert call(channel, method, good) is grpc.StatusCode.OK
        assert call(channel, method, bad) is grpc.StatusCode.INVALID_ARGUMENT
    (good, bad), (stages, others) = spans_of(exporter, server)
    check_stages(good, stages)
    assert [each.name for each in others] == ["parse"]
    for span, code in ((good, "OK"), (bad, "INVALID_ARGUMENT")):
        attributes = dict(span.attributes)
        assert attributes.pop("network.peer.port") > 0
        assert attributes == {
            "rpc.system.name": "grpc",
            "rpc.method": method,
            "rpc.response.status_code": code,
            "network.peer.address": "127.0.0.1",
            "model.name": "scale",
            "model.version": 3,
        }
        assert span.name == method
        assert span.status.status_code is StatusCode.UNSET


def test_a_stream_has_a_span_and_each_of_its_requests_one(exporter, server):
    answers = []
    with grpc.insecure_channel(server.grpc_address) as channel:
        stream = channel.stream_stream(f"/{STREAM}")
        asked = iter([infer_request([1.0]), infer_request([1.0], "INT32")])
        answers += stream(asked, metadata=[("traceparent", TRACEPARENT)])
    assert len(answers) == 2
    (span,), (children,) = spans_of(exporter, server)
    assert span.name == STREAM
    assert span.attributes["rpc.response.status_code"] == "OK"
    assert [each.name for each in children] == ["ModelInfer", "ModelInfer"]
    codes = [each.attributes["rpc.response.status_code"] for each in children]
    assert codes == ["OK", "INVALID_ARGUMENT"]
    parts = [
        each
        for each in exporter.get_finished_spans()
        if each.parent.span_id == children[0].context.span_id
    ]
    check_stages(children[0], parts)


def test_an_unknown_method_has_no_name_of_its_own(exporter, server):
    with grpc.insecure_channel(server.grpc_address) as channel:
        for name in ("a.B/C", "d.E/F"):
            with pytest.raises(grpc.RpcError):
                channel.unary_unary(f"/{name}")(
                    b"", metadata=[("traceparent", TRACEPARENT)]
                )
    spans, _ = spans_of(exporter, server)
    assert [span.name for span in spans] == ["_OTHER"] * 2
    for span, name in zip(spans, ("a.B/C", "d.E/F"), strict=True):
        assert span.attributes["rpc.method"] == "_OTHER"
        assert span.attributes["rpc.method_original"] == name
        assert span.attributes["rpc.response.status_code"] == "UNIMPLEMENTED"


def test_what_is_refused_before_it_is_read_has_a_span(exporter, server):
    headers = {"traceparent": TRACEPARENT, "Host": "none.example"}
    answer = requests.get(f"{server.url}/healthz", headers=headers, timeout=60)
    assert answer.status_code == 403
    (span,), _ = spans_of(exporter, server)
    assert span.name == "GET"
    assert span.attributes["url.path"] == "/healthz"
    assert span.attributes["http.response.status_code"] == 403


def test_a_trace_that_is_not_sampled_is_not_sent(exporter, server):
    headers = {"traceparent": TRACEPARENT.removesuffix("01") + "00"}
    url = f"{server.url}/v1/models/scale:predict"
    answer = requests.post(url, json={"inputs": [1.0]}, headers=headers, timeout=60)
    assert answer.ok
    assert spans_of(exporter, server) == ([], [])


def test_nothing_is_imported_without_an_endpoint(monkeypatch):
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
    code = (
        "import sys; from serving.tracing import tracer_from_environment as t; "
        "assert t() is None; assert 'opentelemetry' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
