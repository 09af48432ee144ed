"""`serving.serve` as a process: ports, signals, exit codes."""

import contextlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest
import requests

import serving
from serving import Client, ServingError
from serving.models.control_plane import ControlPlane
from serving.transport.unix_socket import check_socket_path
from zoo.errors import ZooError

# Each request says that it has arrived and waits for the file `release`.
GATED_SERVER = """
import pathlib, sys, time
import serving
from serving.engines import Traits
from serving.engines.onnx import OnnxEngine

base, signals = map(pathlib.Path, sys.argv[1:])
predict = OnnxEngine.predict

def gated(engine, signature_name, inputs):
    if inputs["x"][0] == 7:
        (signals / "entered").touch()
        while not (signals / "release").exists():
            time.sleep(0.01)
    return predict(engine, signature_name, inputs)

OnnxEngine.predict = gated
OnnxEngine.traits = lambda engine, name: Traits()  # it may take any time
serving.serve(base, rest_api_port=0, port=0)
print("returned", flush=True)
"""


@pytest.fixture
def process(tmp_path, write_scale_model):
    """A serving process whose model can be held up, and its URL."""
    write_scale_model(tmp_path / "models" / "scale" / "1", 2)
    command = [sys.executable, "-c", GATED_SERVER, tmp_path / "models", tmp_path]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        child.ready = child.stdout.readline().strip()
        child.url = child.ready.partition(" at ")[2].partition("/v1/")[0]
        yield child
        child.kill()


def refuses_connections(url):
    host, port = url.removeprefix("http://").split(":")
    try:
        socket.create_connection((host, int(port)), timeout=60).close()
    except ConnectionRefusedError:
        return True
    return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_drains(process, http, tmp_path, wait_until, number):
    assert process.ready.startswith(
        "Serving scale version 1 (onnx) at http://127.0.0.1"
    )
    assert process.ready.endswith("/v1/models/scale")
    answers = []

    def ask():
        url = f"{process.url}/v1/models/scale:predict"
        answers.append(http.post(url, data=b'{"inputs": [7.0]}', timeout=60).json())

    with Client(process.url) as idle:  # An idle connection must not hold it up.
        assert idle.predict("scale", {"x": [1.0]})["y"].tolist() == [2.0]
        slow = threading.Thread(target=ask)
        slow.start()
        wait_until((tmp_path / "entered").exists, "the request arrives")
        process.send_signal(number)
        wait_until(lambda: refuses_connections(process.url), "the port is closed")
        assert process.poll() is None
        (tmp_path / "release").touch()
        slow.join(60)
        assert answers == [{"outputs": [14.0]}]
        assert process.wait(60) == 0
    assert process.stdout.read().splitlines()[1:] == ["returned"]
    assert process.stderr.read() == ""


def test_second_sigint_interrupts_the_waiting(process, http, tmp_path, wait_until):
    url = f"{process.url}/v1/models/scale:predict"

    def ask():
        with contextlib.suppress(requests.ConnectionError):  # It may get an answer.
            http.post(url, data=b'{"inputs": [7.0]}', timeout=60)

    slow = threading.Thread(target=ask)
    slow.start()
    wait_until((tmp_path / "entered").exists, "the request arrives")
    process.send_signal(signal.SIGINT)
    wait_until(lambda: refuses_connections(process.url), "the port is closed")
    process.send_signal(signal.SIGINT)
    assert "Traceback" in process.stderr.readline()
    (tmp_path / "release").touch()
    assert process.wait(60) != 0
    assert "returned" not in process.stdout.read()
    assert "KeyboardInterrupt" in process.stderr.read()
    slow.join(60)


def test_idle_server_stops_at_once(process):
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0


def test_port_in_use(tmp_path, write_scale_model):
    write_scale_model(tmp_path / "scale" / "1", 2)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ServingError, match=f"Port {port} .*--rest_api_port"):
            serving.serve(tmp_path, rest_api_port=port)


def test_port_taken_while_the_models_were_loading(
    tmp_path, write_scale_model, monkeypatch
):
    write_scale_model(tmp_path / "scale" / "1", 2)
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]

        async def start(plane):
            other.listen()

        monkeypatch.setattr(ControlPlane, "start", start)
        with pytest.raises(ServingError, match=f"Port {port} .*already in use"):
            serving.Server(tmp_path, rest_api_port=port).start()


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ({"rest_api_port": 70000}, "Port 70000 is outside 0..65535"),
        ({"host": "192.0.2.1", "rest_api_port": 0}, "Cannot listen at 192.0.2.1"),
    ],
)
def test_address_that_cannot_be_had(tmp_path, write_scale_model, address, text):
    write_scale_model(tmp_path / "scale" / "1", 2)
    with pytest.raises(ServingError, match=text):
        serving.serve(tmp_path, **address)


@pytest.mark.parametrize("make", [serving.serve, serving.Server])
def test_a_unix_socket_that_cannot_be_had(tmp_path, make):
    short = Path(tempfile.mkdtemp())  # The paths of pytest are too long for a socket.
    live, left, file = short / "live", short / "left", short / "file"
    file.write_text("precious")
    cases = {
        live: "another server listens there",
        file: "it is there, and no socket",
        short / "none" / "x": "there is no folder",
        short / ("x" * 120): "a path of a socket has 107 bytes at most",
    }
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(live))
        listener.listen()
        for path, text in cases.items():
            with pytest.raises(ServingError, match=f"cannot listen at {path}: {text}"):
                make(tmp_path, grpc_socket_path=path)
        listener.settimeout(0)
        assert live.is_socket()
    assert file.read_text() == "precious"
    with socket.socket(socket.AF_UNIX) as ended:
        ended.bind(str(left))
    check_socket_path(left)  # gRPC replaces it.
    check_socket_path(short / "new")
    shutil.rmtree(short)


def test_a_page_of_metrics_without_a_slash(tmp_path):
    config = tmp_path / "monitoring.config"
    config.write_text('prometheus_config { enable: true path: "metrics" }')
    with pytest.raises(ServingError, match="must begin with a slash. .*'metrics'"):
        serving.serve(tmp_path, monitoring_config_file=config)


def test_nothing_to_serve():
    with pytest.raises(ServingError, match="nothing to serve. Give --model_base_path"):
        serving.serve()


def test_unknown_engine(tmp_path, write_scale_model):
    write_scale_model(tmp_path / "scale" / "1", 2)
    with pytest.raises(ZooError, match="Unknown engine 'torch'"):
        serving.serve(tmp_path, engine="torch")


def test_server_can_be_stopped_twice_and_started_again(tmp_path, write_scale_model):
    write_scale_model(tmp_path / "scale" / "1", 2)
    server = serving.Server(tmp_path, rest_api_port=0)
    server.start()
    server.stop()
    server.stop()
    with server, Client(server.url) as client:
        assert client.predict("scale", {"x": [3.0]})["y"].tolist() == [6.0]
