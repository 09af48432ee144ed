"""What is counted, and the Prometheus page."""

import json

import numpy as np
import pytest
import requests

import serving
from serving.errors import ServingError
from serving.metrics import (
    LATENCY_BOUNDS,
    REQUEST_COUNT,
    REQUEST_LATENCY,
    Metrics,
    merge,
    prometheus_page,
)
from serving.transport.monitoring import DEFAULT_PATH, prometheus_path

CONFIG = "prometheus_config { enable: true %s }"


def test_page_of_two_workers():
    first, second = Metrics(), Metrics()
    for metrics in (first, second, second):
        metrics.count(REQUEST_COUNT, ('a"b\\', "OK"))
        metrics.observe(REQUEST_LATENCY, ("m", "predict", "REST"), 18.0)
    second.observe(REQUEST_LATENCY, ("m", "predict", "REST"), 1e12)
    carried = json.loads(json.dumps([first.snapshot(), second.snapshot()]))
    page = prometheus_page(carried).splitlines()
    assert page[:2] == [
        "# TYPE :tensorflow:serving:request_count counter",
        r':tensorflow:serving:request_count{model_name="a\"b\\",status="OK"} 3',
    ]
    labels = 'model_name="m",API="predict",entrypoint="REST"'
    name = ":tensorflow:serving:request_latency"
    assert page[2] == f"# TYPE {name} histogram"
    assert page[3] == f'{name}_bucket{{{labels},le="10"}} 0'
    assert page[4] == f'{name}_bucket{{{labels},le="18"}} 3'
    assert page[-3] == f'{name}_bucket{{{labels},le="+Inf"}} 4'
    assert page[-2] == f"{name}_sum{{{labels}}} 1.000000000e+12".replace(
        "1.000000000e+12", f"{1e12 + 54:.10g}"
    )
    assert page[-1] == f"{name}_count{{{labels}}} 4"
    assert len(page) == 3 + len(LATENCY_BOUNDS) + 1 + 2


def test_merging_keeps_the_parts():
    metrics = Metrics()
    metrics.observe(REQUEST_LATENCY, ("m", "predict", "REST"), 1.0)
    snapshot = metrics.snapshot()
    once = merge([snapshot])
    assert merge([snapshot, snapshot]) != once
    assert merge([snapshot]) == once


def test_page_over_the_wire(write_scale_model, tmp_path):
    write_scale_model(tmp_path / "models" / "scale" / "1", 2.0)
    config = tmp_path / "monitoring.config"
    config.write_text(CONFIG % "")
    with serving.Server(
        tmp_path / "models",
        rest_api_port=0,
        engine="onnx",
        monitoring_config_file=config,
    ) as server:
        url = f"{server.url}/v1/models/scale:predict"
        for inputs in ([1.0], [2.0, 3.0], "wrong"):
            requests.post(url, json={"inputs": inputs}, timeout=60)
        with serving.GrpcClient(server.grpc_address) as client:
            client.predict("scale", {"x": np.float32([1])})
        reply = requests.get(server.url + DEFAULT_PATH, timeout=60)
        assert reply.headers["Content-Type"] == "text/plain"
        lines = reply.text.splitlines()
    assert (
        ':tensorflow:serving:request_count{model_name="scale",status="OK"} 3' in lines
    )
    refused = 'request_count{model_name="scale",status="INVALID_ARGUMENT"} 1'
    assert f":tensorflow:serving:{refused}" in lines
    labels = 'model_name="scale",API="predict",entrypoint="REST"'
    assert f":tensorflow:serving:request_latency_count{{{labels}}} 2" in lines
    labels = 'model_name="scale",API="Predict",entrypoint="GRPC"'
    assert f":tensorflow:serving:request_latency_count{{{labels}}} 1" in lines
    assert ':zoo:serving:batch_size_bucket{model_name="scale",le="1"} 2' in lines
    assert ':zoo:serving:batch_size_sum{model_name="scale"} 4' in lines
    assert ':zoo:serving:queue_length{model_name="scale"} 0' in lines
    path = tmp_path / "models" / "scale" / "1"
    loads = f'load_attempt_count{{model_path="{path}",status="success"}} 1'
    assert f":tensorflow:cc:saved_model:{loads}" in lines
    for stage in ("parse", "inference", "encode"):
        labels = f'model_name="scale",entrypoint="REST",stage="{stage}"'
        assert f":zoo:serving:stage_latency_count{{{labels}}} 2" in lines


def test_path_of_the_page(tmp_path):
    config = tmp_path / "monitoring.config"
    assert prometheus_path(None) is None
    config.write_text(CONFIG % 'path: "/metrics"')
    assert prometheus_path(config) == "/metrics"
    config.write_text("prometheus_config { enable: false }")
    assert prometheus_path(config) is None
    config.write_text("prometheus_config { on: true }")
    with pytest.raises(ServingError, match="Invalid protobuf file"):
        prometheus_path(config)
    with pytest.raises(ServingError, match="Cannot read the monitoring config file"):
        prometheus_path(tmp_path / "none")
