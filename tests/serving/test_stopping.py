"""What a server does with open streams and traces when it stops."""

import queue
import threading

import grpc
import pytest
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from serving import tracing
from tests.serving.fake_models import RunningServer

WATCH = "/grpc.health.v1.Health/Watch"
REFLECTION = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
INFER = "/inference.GRPCInferenceService/ModelStreamInfer"
TIMEOUT = 60  # It only turns a hang into a failure.


def stop(server):
    """Stops it; requests may take longer than the test."""
    stopping = threading.Thread(target=server.stop, args=(600,), daemon=True)
    stopping.start()
    stopping.join(TIMEOUT)
    assert not stopping.is_alive()
    server.stop = lambda drain_seconds: None


def ended(call):
    """Returns what else a call brings, and how it ends."""
    got = []
    with pytest.raises(grpc.RpcError) as caught:
        got.extend(call)
    return got, caught.value.code(), caught.value.details()


@pytest.mark.parametrize(
    ("method", "request_"),
    [
        (REFLECTION, reflection_pb2.ServerReflectionRequest(list_services="")),
        (INFER, reflection_pb2.ServerReflectionRequest()),
    ],
)
def test_a_stream_that_waits_for_its_client_ends(method, request_):
    requests = queue.SimpleQueue()
    with RunningServer(port=0) as server:
        with grpc.insecure_channel(server.address) as channel:
            call = channel.stream_stream(method)(iter(requests.get, None))
            requests.put(request_.SerializeToString())
            assert next(call)
            stop(server)
            assert ended(call) == (
                [],
                grpc.StatusCode.UNAVAILABLE,
                "The server is stopping.",
            )
        requests.put(None)


def test_who_watches_is_told_and_left():
    options = {"enable_grpc_healthcheck_service": True}
    with RunningServer(port=0, **options) as server:
        with grpc.insecure_channel(server.address) as channel:
            call = channel.unary_stream(WATCH)(b"")
            parse = health_pb2.HealthCheckResponse.FromString
            assert parse(next(call)).status == health_pb2.HealthCheckResponse.SERVING
            stop(server)
            rest, code, _ = ended(call)
        statuses = [parse(each).status for each in rest]
        assert statuses == [health_pb2.HealthCheckResponse.NOT_SERVING]
        assert code is grpc.StatusCode.UNAVAILABLE


def test_a_collector_that_does_not_answer_holds_nothing_up(caplog, monkeypatch):
    entered, release = threading.Event(), threading.Event()

    class Exporter(SpanExporter):
        def export(self, spans):
            entered.set()
            release.wait(TIMEOUT)
            return SpanExportResult.FAILURE

    monkeypatch.setattr(tracing, "CLOSE_SECONDS", 0.1)
    tracer = tracing.Tracer(Exporter())
    tracer.end(tracer.start("name", {}, {}, 0.0), {}, (), [0.0, 1.0])
    tracer.close()
    assert entered.is_set()
    assert "the last traces are lost" in caplog.text
    release.set()
