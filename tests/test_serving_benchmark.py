"""The benchmark of model servers: what it asks, how it loads, what its page says."""

import http.server
import json
import shutil
import struct
import sys
import tempfile
import threading
from pathlib import Path

import numpy as np
import psutil
import pytest

from benchmarks import serving
from benchmarks.servers import load, process, protocols
from benchmarks.servers.page import page, table
from benchmarks.servers.process import NotThereError, Server, free_ports

IMAGES = np.arange(2 * 784, dtype="float32").reshape(2, 28, 28, 1)
WRK = pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is missing")


def figures(speed, p99, errors=0):
    return {
        "requests_per_second": speed,
        "p50_ms": 1.0,
        "p99_ms": p99,
        "errors": errors,
    }


def test_the_page_shows_the_figures():
    results = json.loads(serving.RESULTS.read_text())
    written = serving.RESULTS.with_suffix(".md").read_text()
    assert written == page(results, list(map(str, serving.WORKS)))


def test_a_ratio_compares_with_the_best_peer_and_not_with_a_form_of_ours():
    sides = {
        "ours": {"works": {"w": figures(300.0, 2.0)}},
        "ours, one worker": {"works": {"w": figures(900.0, 0.1)}},
        "a peer": {"works": {"w": figures(100.0, 8.0, errors=3)}},
        "another": {"works": {"w": figures(50.0, 4.0)}},
        "a third": {"not_there": "it ended"},
        "a fourth": {"works": {"w": {"not_there": "No answer within 5 s."}}},
    }
    lines = table(sides, ["w"]).splitlines()
    assert lines[4] == "| a peer | 100 (1.0 / 8.0), 3 errors |"
    assert lines[6] == "| a fourth | not there |"
    assert lines[-2] == "| **requests/s, ours / best peer** | 3.00 |"
    assert lines[-1] == "| **p99, ours / lowest of a peer** | 0.50 |"


def test_a_figure_is_the_median_of_the_rounds_and_errors_add_up():
    rounds = [
        {
            "works": {"w": figures(speed, 10 * speed, errors=1)},
            "memory": [],
            "seconds_to_first_answer": speed,
        }
        for speed in (1.0, 5.0, 2.0)
    ]
    found = serving.medians(rounds)
    assert found["seconds_to_first_answer"] == 2.0
    expected = {**figures(2.0, 20.0, errors=3), "rounds": [1.0, 5.0, 2.0]}
    assert found["works"]["w"] == {**expected, "p50_ms": 1.0}


@pytest.mark.parametrize(
    ("protocol", "read"),
    [
        (protocols.instances("/p"), lambda document: document["instances"]),
        (protocols.own("/p"), lambda document: document["image"]),
        (protocols.open_inference("m"), lambda document: document["inputs"][0]["data"]),
    ],
)
def test_each_json_protocol_sends_the_same_numbers(protocol, read):
    body = json.loads(protocol.request(IMAGES).body)
    np.testing.assert_array_equal(np.reshape(read(body), IMAGES.shape), IMAGES)


def test_binary_tensors_stand_behind_the_document_both_ways():
    protocol = protocols.open_inference_binary("m")
    request = protocol.request(IMAGES)
    end = int(request.headers[protocols.HEADER_LENGTH])
    assert json.loads(request.body[:end])["inputs"][0]["shape"] == [2, 28, 28, 1]
    assert request.body[end:] == IMAGES.tobytes()

    output = {
        "name": "probabilities",
        "shape": [1, 2],
        "parameters": {"binary_data_size": 8},
    }
    answer = json.dumps({"outputs": [output]}).encode()
    found = protocol.probabilities(answer + struct.pack("<2f", 0.25, 0.75))
    assert found.tolist() == [[0.25, 0.75]]
    with pytest.raises(ValueError, match="do not add up"):
        protocol.probabilities(answer + b"short")


def test_a_server_that_ends_is_told_with_its_last_words():
    code = [sys.executable, "-c", "raise SystemExit('no such model')"]
    with pytest.raises(NotThereError, match="it ended: no such model"):
        Server(lambda *ports: code, ready=_refuse)


def _refuse(port):
    raise OSError


@pytest.mark.slow
def test_a_server_keeps_what_python_compiled(monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    code = "import sys; print('kept' if not sys.dont_write_bytecode else 'compiled')"
    with pytest.raises(NotThereError, match="it ended: kept"):
        Server(lambda *ports: [sys.executable, "-c", code], ready=_refuse)


def test_no_process_of_a_server_outlives_it(monkeypatch):
    monkeypatch.setattr(process, "STOP_SECONDS", 1)
    code = """if True:
        import subprocess, sys, time
        sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
        print(subprocess.Popen(sleep, start_new_session=True).pid, flush=True)
        time.sleep(600)
    """
    children = []

    def ready(port):
        found = psutil.Process().children(recursive=True)
        children[:] = [each for each in found if "sleep(600)" in each.cmdline()[-1]]
        if len(children) < 2:
            raise OSError

    with Server(lambda *ports: [sys.executable, "-c", code], ready):
        assert len(children) == 2
    assert not any(child.is_running() for child in children)


def test_a_missing_wrk_is_one_line(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SystemExit, match="^wrk is missing: install Debian's package"):
        load.require_wrk()


class Answers(http.server.BaseHTTPRequestHandler):
    """Answers 200 where body and header are those that were asked for, else 400."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200 if (body, self.headers["a"]) == (b"right", "b") else 400)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        """Says nothing."""


@WRK
@pytest.mark.parametrize("body", [b"right", b"wrong"])
def test_wrk_sends_the_request_and_counts_refusals(body):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever).start()
        request = load.Request("/", body, {"a": "b"})
        found = load.over_http(server.server_port, request, connections=2, seconds=1)
        server.shutdown()
    assert found["requests_per_second"] > 0
    assert 0 < found["p50_ms"] <= found["p99_ms"]
    assert (found["errors"] == 0) == (body == b"right")


@pytest.mark.slow
def test_callers_of_grpc_send_the_bytes_and_count_refusals():
    import concurrent.futures

    import grpc

    def answer(body, context):
        if body != b"right":
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "wrong")
        return b""

    method = grpc.unary_unary_rpc_method_handler(answer)
    handler = grpc.method_handlers_generic_handler("s", {"M": method})
    (port,) = free_ports(1)
    pool = concurrent.futures.ThreadPoolExecutor(2)
    server = grpc.server(pool, handlers=[handler])
    server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    request = load.Request("/s/M", b"right", {})
    found = load.over_grpc(port, request, connections=2, seconds=1)
    server.stop(None)
    assert found["requests_per_second"] > 0
    assert 0 < found["p50_ms"] <= found["p99_ms"]
    assert found["errors"] == 0


@pytest.mark.soak
def test_ten_minutes_at_full_load_leave_the_memory_flat():
    load.require_wrk()
    with tempfile.TemporaryDirectory() as folder:
        model = serving.artifact(Path(folder))
        side = serving.ours(folder)[0]
        found = serving.soak(serving.Benchmark(model, seconds=5), side, minutes=10)
    assert found["errors"] == 0
    memory = [pss for _, pss in found["pss_mb"]]
    quarter = len(memory) // 4
    assert max(memory[-quarter:]) < 1.1 * max(memory[:quarter])
