"""Clients and a server whose workers are killed while they answer."""

import socket
import subprocess
import sys
import threading
import time

import psutil
import pytest

from serving import Client, GrpcClient, ServingError

from .rows import write_onnx


@pytest.fixture
def server(tmp_path):
    """`zoo serve` with two workers: its process, and the addresses by client."""
    (tmp_path / "models/scale/1").mkdir(parents=True)
    write_onnx(tmp_path / "models/scale/1", 2.0)
    ports = []
    for _ in range(2):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            ports.append(free.getsockname()[1])
    command = [sys.executable, "-m", "zoo", "serve", "--engine", "onnx"]
    command += ["--model-base-path", str(tmp_path / "models"), "--workers", "2"]
    command += ["--port", str(ports[0]), "--rest-api-port", str(ports[1])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline().startswith("Serving scale version 1")
        yield (
            process,
            {
                GrpcClient: f"127.0.0.1:{ports[0]}",
                Client: f"http://127.0.0.1:{ports[1]}",
            },
        )
        process.terminate()


@pytest.mark.slow
@pytest.mark.parametrize("make_client", [GrpcClient, Client])
def test_no_request_fails(server, make_client):
    process, addresses = server
    failures, answers, stop = [], [], threading.Event()

    def ask(client):
        while not stop.is_set():
            try:
                answers.append(client.predict("scale", {"x": [1.5]})["y"].tolist())
            except ServingError as error:
                failures.append(str(error))

    with make_client(addresses[make_client]) as client:
        threads = [threading.Thread(target=ask, args=[client]) for _ in range(8)]
        for thread in threads:
            thread.start()
        for _ in range(5):
            time.sleep(1.5)
            # The youngest is a worker: the process that they are forked from is older.
            workers = psutil.Process(process.pid).children(recursive=True)
            max(workers, key=psutil.Process.create_time).kill()
        time.sleep(1)
        stop.set()
        for thread in threads:
            thread.join()
    assert failures == []
    assert len(answers) > 500
    assert set(map(tuple, answers)) == {(3.0,)}
