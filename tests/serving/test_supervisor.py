"""A server of processes: deaths, drains, ports."""

import contextlib
import http.server
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

from serving import Client, GrpcClient, ServingError
from serving.client.retries import Retries

# In models of this name an instance of 7 waits for the file `release`, and loading a
# model named `deadly` is the end of the worker.
SERVER = """
import logging, os, pathlib, signal, sys, time
from serving.engines import Traits
from serving.engines.onnx import OnnxEngine
import serving

base, signals = map(pathlib.Path, sys.argv[1:3])
options = eval(sys.argv[3])
predict, load = OnnxEngine.predict, OnnxEngine.__init__

def gated(engine, signature_name, inputs):
    if inputs["x"].size and inputs["x"][0] == 7:
        (signals / "entered").touch()
        while not (signals / "release").exists():
            time.sleep(0.01)
    if inputs["x"].size and inputs["x"][0] == 13:
        os.abort()
    return predict(engine, signature_name, inputs)

def loaded(engine, path, options):
    if "deadly" in str(path):
        os.abort()
    while (signals / "hold").exists():
        (signals / "loading").touch()
        time.sleep(0.01)
    load(engine, path, options)

OnnxEngine.predict, OnnxEngine.__init__ = gated, loaded
OnnxEngine.traits = lambda engine, name: Traits()  # it may take any time
logging.basicConfig(level="INFO", format="%(levelname)s %(message)s")
options = {"rest_api_port": 0, "port": 0, "workers": 2, **options}
serving.serve(base, file_system_poll_wait_seconds=0.05, **options)
print("returned", flush=True)
"""


class Running:
    """A serving process; its workers are children of a child of it."""

    def __init__(self, base, signals, options):
        self.log = signals / "log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", SERVER, base, signals, repr(options)],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def wait_until_started(self):
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if line.startswith("REST: "):
                break
        assert lines, self.log.read_text()
        _, url, _, self.grpc_address = lines[-1].split()
        self.url = url.rstrip(";")
        return self

    def workers(self):
        (zygote,) = children(self.process.pid)
        return children(zygote)

    def ask(self, value=1.0, client=httpx):
        answer = client.post(
            f"{self.url}/v1/models/scale:predict", json={"inputs": [value]}, timeout=60
        )
        assert answer.status_code == 200, answer.text
        return answer.json()["outputs"][0]


def children(process):
    path = Path(f"/proc/{process}/task/{process}/children")
    return [int(each) for each in path.read_text().split()]


def is_alive(process):
    try:
        return "State:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except OSError:
        return False


@pytest.fixture
def start(tmp_path, write_scale_model):
    """Starts servers of a model that doubles, and ends them."""
    base, started = tmp_path / "models", []
    write_scale_model(base / "scale" / "1", 2)

    def start(wait=True, **options):
        running = Running(base, tmp_path, options)
        started.append(running)
        return running.wait_until_started() if wait else running

    yield start
    for running in started:
        running.process.kill()
        running.process.wait()
        running.process.stdout.close()


def ask_in_background(running, answers):
    def ask():
        with contextlib.suppress(httpx.TransportError):
            answers.append(running.ask(7.0))

    thread = threading.Thread(target=ask)
    thread.start()
    return thread


@pytest.mark.slow
def test_a_dead_worker_is_replaced(start, wait_until):
    """The cheap one of the tests of deaths."""
    running = start()
    first, second = running.workers()
    os.kill(first, signal.SIGKILL)
    began = time.monotonic()
    wait_until(lambda: len(set(running.workers()) - {first}) == 2, "a new one starts")
    assert second in running.workers()
    while time.monotonic() < began + 1:
        with contextlib.suppress(httpx.TransportError):
            assert running.ask() == 2
    log = running.log.read_text()
    assert f"(process {first}) died of SIGKILL" in log
    assert log.count("died of") == 1
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(20) == 0
    assert not any(map(is_alive, [first, second]))


@pytest.mark.slow
def test_an_aborting_request_costs_its_worker_only(start, wait_until):
    running = start()
    before = running.workers()
    with pytest.raises(httpx.TransportError):
        running.ask(13.0)
    wait_until(lambda: "died of SIGABRT" in running.log.read_text(), "it is logged")
    wait_until(lambda: len(running.workers()) == 2, "a new one starts")
    assert len(set(running.workers()) & set(before)) == 1
    wait_until(lambda: _answers(running), "all answer")


def _answers(running):
    try:
        return running.ask() == 2
    except httpx.TransportError:
        return False


@pytest.mark.slow
def test_kills_under_load_fail_no_request_of_a_client(start):
    import serving

    running = start()
    stop, counts, failures = threading.Event(), [], []

    def load():
        count = 0
        with serving.Client(running.url) as client:
            while not stop.is_set():
                try:
                    assert client.predict("scale", {"x": [3.0]})["y"].item() == 6
                except Exception as error:
                    failures.append(error)
                count += 1
        counts.append(count)

    threads = [threading.Thread(target=load) for _ in range(8)]
    for thread in threads:
        thread.start()
    for _ in range(4):
        time.sleep(1.5)
        os.kill(running.workers()[0], signal.SIGKILL)
    time.sleep(1.5)
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert min(counts) > 0


@pytest.mark.slow
def test_a_crash_loop_slows_down(start, wait_until):
    running = start(workers=1)
    for _ in range(4):
        wait_until(lambda: _answers(running), "it answers")
        (worker,) = running.workers()
        os.kill(worker, signal.SIGKILL)
        wait_until(lambda: worker not in running.workers(), "it is gone")  # noqa: B023
    wait_until(lambda: running.log.read_text().count("died of") == 4, "all are told")
    lines = [line for line in running.log.read_text().splitlines() if "died of" in line]
    assert lines[0].endswith("a new one starts.")
    waits = [float(line.split(" in ")[-1].split()[0]) for line in lines[1:]]
    assert waits == sorted(waits)
    assert waits[-1] > waits[0] > 0


@pytest.mark.slow
def test_a_version_whose_loading_is_deadly(start, tmp_path, wait_until):
    running = start()
    (tmp_path / "models" / "deadly").mkdir()
    version = tmp_path / "models" / "deadly" / "1"
    version.mkdir()
    (version / "model.onnx").write_bytes(
        (tmp_path / "models" / "scale" / "1" / "model.onnx").read_bytes()
    )
    wait_until(lambda: running.log.read_text().count("died of SIGABRT,") >= 1, "death")
    for _ in range(50):
        if _answers(running):
            break
    wait_until(
        lambda: (
            "deadly version 1 was not loaded: A worker died of SIGABRT"
            in running.log.read_text()
        ),
        "it is logged",
    )
    wait_until(lambda: len(running.workers()) == 2, "workers are replaced")
    assert running.ask() == 2


def test_a_deadly_version_alone_ends_the_start(tmp_path, write_scale_model):
    write_scale_model(tmp_path / "models" / "deadly" / "1", 1)
    running = Running(tmp_path / "models", tmp_path, {})
    assert running.process.wait(60) == 1
    running.process.stdout.close()
    assert "deadly version 1: A worker died of SIGABRT" in running.log.read_text()


@pytest.mark.parametrize("number", [signal.SIGKILL])
def test_workers_end_with_their_supervisor(start, wait_until, number):
    running = start()
    (zygote,) = children(running.process.pid)
    processes = [zygote, *running.workers()]
    running.process.send_signal(number)
    wait_until(lambda: not any(map(is_alive, processes)), "all are gone")


@pytest.mark.slow
def test_the_zygote_is_replaced(start, wait_until):
    running = start()
    (zygote,) = children(running.process.pid)
    os.kill(zygote, signal.SIGKILL)
    wait_until(lambda: children(running.process.pid) not in ([], [zygote]), "a new one")
    assert running.ask() == 2
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(20) == 0


@pytest.mark.slow
def test_workers_outlive_the_zygote_and_are_watched(start, wait_until):
    running = start(worker_timeout_seconds=1.5)
    (zygote,) = children(running.process.pid)
    orphan, other = running.workers()
    os.kill(zygote, signal.SIGKILL)
    wait_until(lambda: children(running.process.pid) not in ([], [zygote]), "a new one")
    os.kill(orphan, signal.SIGKILL)
    wait_until(lambda: len(running.workers()) == 1, "its successor starts")
    # Both are late now, the one that has ended long ago as well.
    (successor,) = running.workers()
    os.kill(successor, signal.SIGSTOP)
    os.kill(other, signal.SIGSTOP)
    wait_until(lambda: len(set(running.workers()) - {successor}) == 2, "new ones start")
    wait_until(lambda: _answers(running), "all answer")
    assert f"(process {orphan}) has shown" not in running.log.read_text()
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(60) == 0


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_under_load_loses_no_accepted_request(start, wait_until, number):
    running = start()
    answers, errors = [], []

    def load():
        while True:
            try:
                with httpx.Client() as client:
                    answers.append(running.ask(3.0, client))
            except httpx.ConnectError:
                return
            except Exception as error:
                errors.append(error)
                return

    threads = [threading.Thread(target=load) for _ in range(8)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(answers) > 30, "the load runs")
    running.process.send_signal(number)
    assert running.process.wait(30) == 0
    for thread in threads:
        thread.join()
    assert errors == []
    assert set(answers) == {6.0}


@pytest.mark.slow
def test_a_signal_ends_what_runs_after_drain_seconds(start, tmp_path, wait_until):
    running = start(drain_seconds=1)
    thread = ask_in_background(running, [])
    wait_until((tmp_path / "entered").exists, "the request arrives")
    began = time.monotonic()
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(30) == 0
    assert time.monotonic() - began < 10
    thread.join()
    log = running.log.read_text()
    assert "still running after 1 s" in log
    assert "never retrieved" not in log


@pytest.fixture
def collector(monkeypatch):
    """Takes the traces of servers; `collector.batches` are those that came."""
    batches = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            batches.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.batches = batches
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv(
            "OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{server.server_port}"
        )
        # They are sent at the end, and not before.
        monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "600000")
        yield server
        server.shutdown()


@pytest.mark.slow
def test_traces_are_sent_though_a_request_is_cut_off(
    start, tmp_path, wait_until, collector
):
    running = start(drain_seconds=1, workers=1)
    assert running.ask() == 2
    thread = ask_in_background(running, [])
    wait_until((tmp_path / "entered").exists, "the request arrives")
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(60) == 0
    thread.join()
    assert running.log.read_text().count("still running after 1 s") == 1
    (batch,) = collector.batches
    assert b"/v1/models/{model}:predict" in batch


@pytest.mark.slow
def test_a_signal_while_a_model_is_loaded(start, tmp_path, wait_until):
    (tmp_path / "hold").touch()
    running = start(wait=False)
    wait_until((tmp_path / "loading").exists, "it is loading")
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(20) == 0


@pytest.mark.slow
def test_a_worker_that_dies_while_a_version_is_loaded(
    start, tmp_path, wait_until, write_scale_model
):
    running = start()
    (tmp_path / "hold").touch()
    write_scale_model(tmp_path / "models" / "scale" / "2", 3)
    wait_until((tmp_path / "loading").exists, "it is loading")
    for worker in running.workers():
        os.kill(worker, signal.SIGKILL)
    (tmp_path / "hold").unlink()
    wait_until(lambda: _answers_with(running, 3), "version 2 answers")


def _answers_with(running, value):
    with contextlib.suppress(httpx.TransportError):
        return running.ask() == value
    return False


@pytest.mark.slow
@pytest.mark.parametrize("protocol", ["REST", "v2", "gRPC"])
def test_a_request_that_ended_a_worker_is_refused(start, wait_until, protocol):
    running = start()
    with pytest.raises((httpx.TransportError, ServingError)):
        _send(running, protocol, 13.0)
    wait_until(lambda: "is refused for 600 s" in running.log.read_text(), "it is known")
    survivors = set(running.workers())
    for other in ("REST", "v2", "gRPC"):
        for _ in range(5):
            with pytest.raises(ServingError, match="died while it computed this"):
                _send(running, other, 13.0)
    assert _send(running, protocol, 14.0) == 28
    assert survivors <= set(running.workers())
    assert running.log.read_text().count("died of SIGABRT") == 1


@pytest.mark.slow
def test_a_client_that_repeats_a_deadly_request_ends_one_worker(start, wait_until):
    running = start()
    with (
        Client(running.url) as client,
        pytest.raises(ServingError, match="died while it computed this"),
    ):
        client.predict("scale", {"x": [13.0]})
    wait_until(lambda: _answers(running), "all answer")
    assert running.log.read_text().count("died of SIGABRT") == 1


def _send(running, protocol, value):
    """Sends one request, once."""
    once = Retries(attempts=1)
    if protocol == "gRPC":
        with GrpcClient(running.grpc_address, retries=once) as client:
            return client.predict("scale", {"x": [value]})["y"][0]
    if protocol == "REST":
        with Client(running.url, retries=once) as client:
            return client.predict("scale", {"x": [value]})["y"][0]
    tensor = {"name": "x", "shape": [1], "datatype": "FP32", "data": [value]}
    url = f"{running.url}/v2/models/scale/infer"
    answer = httpx.post(url, json={"inputs": [tensor]}, timeout=60)
    if answer.status_code == 400:
        raise ServingError(answer.json()["error"])
    return answer.json()["outputs"][0]["data"][0]


@pytest.mark.slow
def test_a_stopped_worker_is_replaced(start, wait_until):
    running = start(worker_timeout_seconds=1.5)
    stopped, other = running.workers()
    os.kill(stopped, signal.SIGSTOP)
    wait_until(lambda: len(set(running.workers()) - {stopped}) == 2, "a new one starts")
    assert other in running.workers()
    wait_until(lambda: _answers(running), "all answer")
    log = running.log.read_text()
    assert f"(process {stopped}) has shown no sign of life for 1.5 s" in log
    assert f"(process {stopped}) died of SIGKILL" in log


@pytest.mark.slow
def test_a_long_inference_is_no_hang(start, tmp_path, wait_until):
    running, answers = start(worker_timeout_seconds=1), []
    before = running.workers()
    thread = ask_in_background(running, answers)
    wait_until((tmp_path / "entered").exists, "it runs")
    time.sleep(4)
    (tmp_path / "release").touch()
    thread.join()
    assert answers == [14]
    assert running.workers() == before


@pytest.mark.slow
def test_where_all_processes_are_stopped_no_worker_is_late(start):
    running = start(worker_timeout_seconds=1.5)
    before = running.workers()
    everyone = [running.process.pid, *children(running.process.pid), *before]
    for number in (signal.SIGSTOP, signal.SIGCONT):
        for process in everyone:
            os.kill(process, number)
        time.sleep(4)
    assert running.workers() == before
    assert running.ask() == 2
