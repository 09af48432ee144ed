"""The gRPC clients against a server that answers, is busy, refuses and dies."""

import os
import socket
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import serving
from serving import GrpcClient, RequestError, Retries, ServingError
from tests.conftest import ROOT

from . import grpc_worker
from .clients import GRPC_CLIENTS

FAST = Retries(attempts=4, initial_seconds=0.01)


@pytest.fixture(scope="module")
def target():
    server, port = grpc_worker.start(0)
    yield f"127.0.0.1:{port}"
    server.stop(None).wait()


@pytest.fixture(params=GRPC_CLIENTS)
def client(request, target):
    with request.param(target, retries=FAST) as client:
        yield client


def test_predict(client):
    outputs = client.predict("m", {"x": np.float64([[1, 2]])}, version=3)
    assert outputs["y"].tolist() == [[2.0, 4.0]]
    assert outputs["y"].dtype == np.float32


@pytest.mark.parametrize("x", [[], np.zeros((0, 3)), 3, [np.nan, np.inf]])
def test_shapes_and_values(client, x):
    np.testing.assert_array_equal(client.predict("m", {"x": x})["y"], 2 * np.asarray(x))


def test_a_big_array(client):
    x = np.arange(2_000_000, dtype=np.float32)  # 8 MB; gRPC's own limit is 4
    np.testing.assert_array_equal(client.predict("m", {"x": x})["y"], 2 * x)


def test_strings_are_those_of_the_rest_client(client):
    outputs = client.predict("m", {"x": [grpc_worker.TEXT]})
    assert outputs["words"].tolist() == ["é", b"\xff"]
    assert outputs["raw_bytes"].tolist() == ["é".encode()]


def test_an_input_that_does_not_fit(client):
    with pytest.raises(ServingError, match=r"'x' takes float32, .* hold 1e\+300"):
        client.predict("m", {"x": [1e300]})


def test_documents_are_those_of_the_rest_client(client):
    document = client.metadata("m", version=2)
    assert document["model_spec"]["version"] == "2"
    definitions = document["metadata"]["signature_def"]["signature_def"]
    info = definitions["serving_default"]["inputs"]["x"]
    assert info["dtype"] == "DT_FLOAT"
    assert info["tensor_shape"] == {
        "dim": [{"size": "-1", "name": ""}],
        "unknown_rank": False,
    }
    (row,) = client.status("m")["model_version_status"]
    assert (row["version"], row["state"]) == ("7", "AVAILABLE")


def test_classify_and_regress(client):
    labels = client.classify("m", [{"name": "Ann"}, {"name": b"Bob"}])
    assert labels == [[("Ann", 0.75)], [("Bob", 0.75)]]
    values = client.regress("m", [{"age": 1.5}], context={"year": 1900})
    assert values.tolist() == [1901.5]


def test_refused(client):
    with pytest.raises(RequestError, match="INVALID_ARGUMENT: bad shape") as caught:
        client.predict("m", {"x": [grpc_worker.REFUSED]})
    assert caught.value.code.name == "INVALID_ARGUMENT"
    with pytest.raises(RequestError, match="NOT_FOUND: Servable not found"):
        client.predict("other", {"x": [1]})
    with pytest.raises(RequestError, match='no signature "other"; it has serving_def'):
        client.predict("m", {"x": [1]}, signature_name="other")


def test_busy_is_asked_again(client):
    assert client.predict("m", {"x": [grpc_worker.BUSY]})["y"].tolist() == [-4.0]


@pytest.mark.parametrize("make_client", GRPC_CLIENTS)
def test_a_timeout(target, make_client):
    expected = pytest.raises(RequestError, match="did not answer Predict within 0.5 s")
    client = make_client(target, timeout=0.5, retries=FAST)
    with client, expected as caught:
        client.predict("m", {"x": [grpc_worker.SLOW]})
    assert caught.value.code.name == "DEADLINE_EXCEEDED"


@pytest.mark.parametrize("make_client", GRPC_CLIENTS)
def test_nobody_listens(make_client):
    expected = pytest.raises(RequestError, match=r"No server answers at .*zoo serve")
    with make_client("127.0.0.1:1", retries=FAST) as client, expected:
        client.status("m")


def test_a_proxy_does_not_come_between(target, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    with GrpcClient(target, retries=FAST) as client:
        client.status("m")


class Workers:
    """Processes behind one port, each started again when it ends."""

    def __init__(self, count):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.target = f"127.0.0.1:{self._port}"
        self.deaths = 0
        self.processes = [None] * count
        self._stopping = False
        self._threads = [
            threading.Thread(target=self._keep, args=[index]) for index in range(count)
        ]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        with GrpcClient(self.target, retries=Retries(attempts=99)) as client:
            client.status("m")
        return self

    def __exit__(self, *exc_info):
        self._stopping = True
        for process in self.processes:
            process.kill()
        for thread in self._threads:
            thread.join()

    def _keep(self, index):
        while not self._stopping:
            command = [sys.executable, "-m", "tests.serving.grpc_worker"]
            environment = os.environ | {"PYTHONPATH": str(ROOT)}
            self.processes[index] = subprocess.Popen(
                [*command, str(self._port)], cwd=ROOT, env=environment
            )
            self.processes[index].wait()
            self.deaths += not self._stopping


@pytest.mark.slow
@pytest.mark.parametrize("make_client", GRPC_CLIENTS)
def test_a_request_that_ends_processes_ends_two_at_most(make_client):
    patient = Retries(attempts=40, initial_seconds=0.5)
    with Workers(2) as workers, make_client(workers.target, retries=patient) as client:
        with pytest.raises(RequestError, match="broke before Predict was answered"):
            client.predict("m", {"x": [grpc_worker.POISON]})
        time.sleep(1)
        assert workers.deaths == 2


@pytest.mark.slow
def test_killed_workers_lose_no_request():
    failures, answers = [], []
    stop = threading.Event()

    def ask(client):
        while not stop.is_set():
            try:
                answers.append(client.predict("m", {"x": [1.0]})["y"].tolist())
            except ServingError as error:
                failures.append(error)

    patient = Retries(attempts=40)
    with Workers(2) as workers, GrpcClient(workers.target, retries=patient) as client:
        threads = [threading.Thread(target=ask, args=[client]) for _ in range(8)]
        for thread in threads:
            thread.start()
        for round in range(4):
            time.sleep(2)
            workers.processes[round % 2].kill()
        stop.set()
        for thread in threads:
            thread.join()
        assert workers.deaths == 4
    assert failures == []
    assert len(answers) > 100
    assert set(map(tuple, answers)) == {(2.0,)}


def test_all_clients_are_public():
    assert {"GrpcClient", "AsyncGrpcClient", "AsyncClient"} <= set(serving.__all__)
