"""A span for each request, with its stages, as a child of the client's span."""

import subprocess
import sys

import pytest
import requests
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import serving
from serving import tracing
from serving.transport import worker

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.fixture
def exporter(monkeypatch):
    exporter = InMemorySpanExporter()
    make = lambda: tracing.Tracer(exporter)  # noqa: E731
    monkeypatch.setattr(worker, "tracer_from_environment", make)
    return exporter


def test_spans(exporter, write_scale_model, tmp_path):
    write_scale_model(tmp_path / "scale" / "3", 2.0)
    with serving.Server(tmp_path, rest_api_port=0, engine="onnx") as server:
        url = f"{server.url}/v1/models/scale:predict"
        headers = {"traceparent": f"00-{TRACE}-{PARENT}-01"}
        for inputs in ([1.0], "wrong"):
            requests.post(url, json={"inputs": inputs}, headers=headers, timeout=60)
    spans = exporter.get_finished_spans()
    requested = [span for span in spans if span.name == "predict scale"]
    for span in requested:
        assert format(span.context.trace_id, "032x") == TRACE
        assert format(span.parent.span_id, "016x") == PARENT
        assert span.attributes["model.version"] == 3
    good, bad = requested
    assert good.status.is_ok
    assert bad.status.description == "INVALID_ARGUMENT"
    children = {s.name: s for s in spans if s.parent.span_id == good.context.span_id}
    assert list(children) == ["parse", "inference", "encode"]
    assert children["parse"].start_time == good.start_time
    assert children["parse"].end_time == children["inference"].start_time
    assert children["encode"].end_time == good.end_time


def test_nothing_is_imported_without_an_endpoint(monkeypatch):
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
    code = (
        "import sys; from serving.tracing import tracer_from_environment as t; "
        "assert t() is None; assert 'opentelemetry' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
