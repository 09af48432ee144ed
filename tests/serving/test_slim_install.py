"""A server of ONNX models needs a fraction of what the project is installed with."""

import os
import socket
import subprocess
import sys

import numpy as np
import pytest

from serving import Client, GrpcClient, Retries
from serving.deploy import docker
from tests.conftest import ROOT

from .rows import write_onnx

MEGABYTES = 250
# What the requirements of the image may bring into a process, by what is imported.
ALLOWED = {"click", "lazy_loader", "numpy", "onnxruntime", "google"}
ALLOWED |= {"httptools", "uvloop", "orjson", "simdjson", "csimdjson", "grpc"}
ALLOWED |= {"grpc_health", "grpc_reflection", "typing_extensions", "flatbuffers"}
ALLOWED |= {
    "packaging",
    "psutil",
    "custom_layers",
    "zoo",
    "export",
    "serving",
    "cython_runtime",
}
ALLOWED |= {"grpc_tools"}  # grpcio imports its sister where it is installed.
SERVE = """
import sys, threading, zoo.cli.main, serving
import numpy as np

with serving.Server(sys.argv[1], engine="onnx", rest_api_port=0) as server:
    import http.client, json
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"))
    connection.request("POST", "/v1/models/scale:predict", '{"instances": [1.5]}')
    assert json.loads(connection.getresponse().read()) == {"predictions": [3.0]}
names = {name.partition(".")[0] for name in sys.modules}
print(*sorted(names - set(sys.stdlib_module_names)))
"""


@pytest.fixture
def models(tmp_path):
    (tmp_path / "models/scale/1").mkdir(parents=True)
    write_onnx(tmp_path / "models/scale/1", 2.0)
    return tmp_path / "models"


def test_serving_onnx_imports_nothing_else(models):
    done = subprocess.run(
        [sys.executable, "-c", SERVE, str(models)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    # Compiled modules and `.pth` files have private names of their own.
    names = {name for name in done.stdout.split() if not name.startswith("_")}
    assert {"onnxruntime", "serving"} <= names
    assert names - ALLOWED == set()


@pytest.mark.slow
@pytest.mark.network
def test_an_environment_of_the_requirements_serves(models, tmp_path):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    requirements = tmp_path / "requirements-serving.txt"
    requirements.write_text(docker.requirements())
    python = tmp_path / "venv/bin/python"
    pip = [str(python), "-m", "pip", "install", "--quiet", "--no-compile"]
    wheel = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    wheel += ["--no-build-isolation", "-w", str(tmp_path), str(ROOT)]
    subprocess.run(wheel, check=True)
    (built,) = tmp_path.glob("keras_serving_zoo-*.whl")
    for command in (
        [sys.executable, "-m", "venv", str(tmp_path / "venv")],
        [*pip, "-r", str(requirements)],
        [*pip, "--no-deps", str(built)],
    ):
        subprocess.run(command, check=True, env=environment, cwd=tmp_path)
    files = [path.stat() for path in (tmp_path / "venv").rglob("*") if path.is_file()]
    assert sum(stat.st_size for stat in files) < MEGABYTES * 10**6
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(python.with_name("zoo-model-server")), "--engine", "onnx"]
    command += ["--model_base_path", str(models), "--rest_api_port", "0"]
    command += ["--port", str(port)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=environment, cwd=tmp_path
    ) as server:
        try:
            url = server.stdout.readline().rsplit(" at ", 1)[1].partition("/v1/")[0]
            with Client(url, retries=Retries(attempts=1)) as client:
                found = client.predict("scale", {"x": np.float32([1.5])})
            assert found["y"].tolist() == [3.0]
            with GrpcClient(f"127.0.0.1:{port}") as client:
                found = client.predict("scale", {"x": np.float32([1.5])})
            assert found["y"].tolist() == [3.0]
        finally:
            server.terminate()
    assert server.returncode == 0
