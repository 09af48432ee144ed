"""The application of Ray Serve with two replicas, one of which is killed."""

import os
import shutil
import socket
import subprocess
import sys
import threading
import time

import psutil
import pytest

import serving
from serving import Client, Retries, ServingError
from serving.deploy import ray
from serving.deploy.rendering import write
from tests.conftest import ROOT

from .rows import write_onnx

pytest.importorskip("ray.serve", reason="needs the extra ray")
REQUESTS = [
    ("POST", "/v1/models/scale:predict", b'{"instances": [1.5, 2]}'),
    ("POST", "/v1/models/scale:predict", b'{"inputs": {"x": [1e39, "a"]}}'),
    ("POST", "/v1/models/scale/versions/9:predict", b'{"instances": [1]}'),
    ("GET", "/v1/models/scale/metadata", b""),
    ("GET", "/v1/models/a%2Fb", b""),
    ("GET", "/v1/models/scale?x=1", b""),
]


def ask(url, method, path, body):
    """Status and body of an answer."""
    import http.client

    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)
    connection.request(method, path, body)
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


def replicas(process):
    """The processes that hold a replica, of those that Ray started for us."""
    found = []
    for child in psutil.Process(process.pid).children(recursive=True):
        try:
            if "ServeReplica:models" in " ".join(child.cmdline()):
                found.append(child)
        except psutil.Error:  # it has ended meanwhile
            continue
    return found


@pytest.fixture
def application(tmp_path):
    """`serve run` over one model; yields its URL, its process and its models."""
    models = tmp_path / "models"
    (models / "scale/1").mkdir(parents=True)
    write_onnx(models / "scale/1", 2.0)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    files = ray.render(models, 2)
    files["serve.yaml"] = files["serve.yaml"].replace("port: 8501", f"port: {port}")
    write(tmp_path, files)
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(tmp_path)]),
        "RAY_USAGE_STATS_ENABLED": "0",
    }
    command = [sys.executable, "-m", "ray.serve.scripts", "run", "serve.yaml"]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            command, cwd=tmp_path, env=environment, stdout=log, stderr=log
        )
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 180
        while len(replicas(process)) < 2 or not _answers(url):
            assert process.poll() is None, (tmp_path / "log").read_text()
            assert time.monotonic() < deadline, (tmp_path / "log").read_text()
            time.sleep(0.5)
        yield url, process, models
    finally:
        process.terminate()
        process.wait(60)
        shutil.rmtree(models)


def _answers(url):
    try:
        return ask(url, *REQUESTS[0])[0] == 200
    except OSError:
        return False


@pytest.mark.slow
def test_it_answers_as_the_server_and_survives_a_killed_replica(application):
    url, process, models = application
    with serving.Server(models, engine="onnx", rest_api_port=0) as server:
        for request in REQUESTS:
            assert ask(url, *request) == ask(server.url, *request)

    failures, answers, stop = [], [], threading.Event()

    def keep_asking():
        with Client(url, retries=Retries(attempts=20)) as client:
            while not stop.is_set():
                try:
                    answers.append(client.predict("scale", {"x": [1.5]})["y"].tolist())
                except ServingError as error:
                    failures.append(error)

    threads = [threading.Thread(target=keep_asking) for _ in range(4)]
    for thread in threads:
        thread.start()
    first, second = replicas(process)
    first.kill()
    deadline = time.monotonic() + 120
    while len({each.pid for each in replicas(process)} - {first.pid}) < 2:
        assert time.monotonic() < deadline, "the killed replica never came back"
        time.sleep(0.2)
    answered = len(answers)
    time.sleep(1)
    stop.set()
    for thread in threads:
        thread.join()
    assert second.is_running()
    assert len(answers) > answered
    assert set(map(tuple, answers)) == {(3.0,)}
    assert failures == []
